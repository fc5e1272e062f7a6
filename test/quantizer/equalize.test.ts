/**
 * Channels of a float graph are scaled so that they are alike: not one bit of the output changes, statistics follow as if
 * the scaled model had been calibrated, and unlike channels lose less to 8 bits. ir/scale-classes.ts, ir/equalized.ts.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { chosenUnits } from '../../passes/quantize.js';
import { equalized } from '../../src/ir/equalized.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import type { Graph, Value } from '../../src/ir/graph.js';
import { runPasses } from '../../src/ir/pass.js';
import { factorsOf, rescaled, ScaleClasses } from '../../src/ir/scale-classes.js';
import { numbers, type Tensor } from '../../src/ir/type.js';
import { topologicalOrder } from '../../src/ir/walk.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { importModel } from '../../src/onnx/import.js';
import type { OnnxModel } from '../../src/onnx/model.js';
import { quantizerPreparation } from '../../src/pipeline.js';
import type { RangeRule } from '../../src/quant/range-choice.js';
import { defaultQuantization, quantizeModel } from '../../src/quantizer.js';
import { attention, cnn, feedForward, unlikeChannels } from './float-models.js';
import { interpretedRanges, randomSamples } from './interpreted-ranges.js';

const dims = new Map<string, number>();
const grid = { levels: 256, symmetric: false };
const rules: readonly RangeRule[] = [{ rule: 'mse' }];
const settings = { ...defaultQuantization, rules, correctBias: true };
const axisOf = (rank: number): number | undefined => (rank === 4 ? 1 : rank > 1 ? rank - 1 : undefined);

function graphOf(model: OnnxModel): Graph {
  const imported = importModel(model, { dims, rounding: 'onnx', name: 'm', keepNames: true }).graph;
  return runPasses(imported, quantizerPreparation, { rounding: 'onnx' }).graph;
}

function outputs(graph: Graph, sample: ReadonlyMap<string, Tensor>): number[] {
  return [...evaluateGraph(graph, sample).values()].flatMap(numbers);
}

/** Samples that tell of 6x6 pixels how large a channel gets. */
const ENOUGH = 32;

/** Scales of 1/8 to 4 for every class that may have one. */
function someScales(graph: Graph, classes: ScaleClasses): ReadonlyMap<number, number> {
  const free = topologicalOrder(graph).flatMap((node) => [...(classes.of(node.results[0])?.classes ?? [])]);
  return new Map(free.filter((id) => !classes.isPinned(id)).map((id) => [id, 2 ** (((id * 7) % 6) - 3)]));
}

const scaledValues = (graph: Graph, classes: ScaleClasses, scales: ReadonlyMap<number, number>): readonly Value[] =>
  topologicalOrder(graph).flatMap((n) => n.results.filter((r) => factorsOf(classes, scales, r) !== undefined));

for (const [name, make, least] of [
  ['cnn', cnn, 6],
  ['feedForward', feedForward, 2],
  ['unlikeChannels', unlikeChannels, 8],
] as const)
  test(`${name}: whatever powers of two the free channels are divided by, the outputs are the same bits`, () => {
    const graph = graphOf(make());
    const classes = new ScaleClasses(graph);
    const scales = someScales(graph, classes);
    assert.ok(scaledValues(graph, classes, scales).length >= least, 'few values are scaled');
    const after = rescaled(classes, scales);
    for (const sample of randomSamples(graph, 4, -1, 1))
      assert.deepEqual(outputs(after, sample), outputs(graph, sample));
  });

test('products of two activations, softmax and outputs pin what they read', () => {
  const graph = graphOf(attention());
  const classes = new ScaleClasses(graph);
  assert.equal(someScales(graph, classes).size, 0);
});

test('statistics of the scaled graph are those that calibrating it counts', () => {
  const graph = graphOf(unlikeChannels());
  const samples = randomSamples(graph, ENOUGH, -1, 1);
  const ranges = interpretedRanges(graph, samples, axisOf);
  const after = equalized(graph, ranges, chosenUnits(graph, { ...settings, ranges }), grid, rules);
  const scaled = [...after.ranges].filter(([name]) => name.endsWith('_equalized'));
  assert.ok(scaled.length >= 2);
  const counted = interpretedRanges(after.graph, samples, axisOf);
  for (const [name, stats] of scaled) {
    const want = counted.get(name);
    assert.ok(want?.channels !== undefined && stats.channels !== undefined, name);
    assert.deepEqual(stats.channels.histograms, want.channels.histograms);
    assert.deepEqual([stats.min, stats.max, stats.count, stats.zeros], [want.min, want.max, want.count, want.zeros]);
    assert.deepEqual(stats.channels.min, want.channels.min);
  }
  // What is not scaled keeps its name and its statistics.
  assert.equal(after.ranges.get('x'), ranges.get('x'));
});

test('channels of which calibration saw few values keep their scale', () => {
  const graph = graphOf(unlikeChannels());
  const ranges = interpretedRanges(graph, randomSamples(graph, 2, -1, 1), axisOf);
  const after = equalized(graph, ranges, chosenUnits(graph, { ...settings, ranges }), grid, rules);
  assert.deepEqual([...after.ranges], [...ranges]);
});

/** Signal to noise of the quantized model's outputs, in dB. */
function fidelity(model: OnnxModel, effort: 0 | 1, told: boolean): { readonly db: number; readonly bytes: Uint8Array } {
  const graph = graphOf(model);
  const samples = randomSamples(graph, ENOUGH, -1, 1);
  const ranges = interpretedRanges(graph, samples, told ? axisOf : undefined);
  const quantization = { ...defaultQuantization, effort };
  const made = quantizeModel(model, { ranges, quantization, dims, version: '0' });
  let [signal, noise] = [0, 0];
  for (const sample of samples) {
    const [want, got] = [outputs(graph, sample), outputs(made.graph, sample)];
    for (const [i, v] of want.entries()) {
      signal += v * v;
      noise += (v - got[i]) ** 2;
    }
  }
  return { db: 10 * Math.log10(signal / noise), bytes: encodeModel(made.model) };
}

test('unlike channels lose 6 dB less where calibration tells them apart; twice the same bytes', () => {
  const [apart, together] = [fidelity(unlikeChannels(), 1, true), fidelity(unlikeChannels(), 1, false)];
  assert.ok(apart.db > together.db + 6, `${apart.db.toFixed(1)} dB and ${together.db.toFixed(1)} dB`);
  assert.deepEqual(fidelity(unlikeChannels(), 1, true).bytes, apart.bytes);
});
