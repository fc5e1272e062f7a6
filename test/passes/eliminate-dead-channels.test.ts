/**
 * Dead and constant channels: what can go goes, what must stay stays, and no output bit changes. Built by hand from
 * convolutions whose channels are dead in each of the ways that occur, and run on a real pruned network.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { eliminateDeadChannels } from '../../passes/eliminate-dead-channels.js';
import { foldScales } from '../../passes/fold-scales.js';
import { lowerModel } from '../../src/compiler.js';
import { constant, make, param } from '../../src/ir/build.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { type Graph, noOrigin, type Value } from '../../src/ir/graph.js';
import { seededTensor } from '../../src/ir/parse.js';
import { runPasses } from '../../src/ir/pass.js';
import { elements, numberData, perTensor, quantType, type Shape } from '../../src/ir/type.js';
import { topologicalOrder } from '../../src/ir/walk.js';

const zero = 3;
const act = (shape: Shape) => quantType('u8', shape, perTensor(0.05, zero));

interface ConvShape {
  readonly pad?: number;
  readonly depthwise?: boolean;
  /** Changes the weight of (output channel, input channel). */
  readonly weight?: (o: number, i: number, w: number) => number;
  readonly bias?: (o: number) => number;
}

let seed = 1;
function conv(x: Value, oc: number, k: number, options: ConvShape = {}): Value {
  const c = x.type.shape[3];
  const shape = [oc, k, k, options.depthwise ? 1 : c];
  const type = quantType('s8', shape, perTensor(0.01, 0), [-128, 127]);
  const { data } = seededTensor(type, seed++);
  const w = Int8Array.from(numberData({ type, data }), (v, at) => {
    const i = at % shape[3];
    const o = Math.floor(at / (elements(shape) / oc));
    return options.weight?.(o, i, v) ?? v;
  });
  const bias = Int32Array.from({ length: oc }, (_, o) => options.bias?.(o) ?? 40 * o - 60);
  const pad = options.pad ?? 0;
  const [n, h, wd] = x.type.shape;
  return make(
    'conv2d',
    {
      strides: [1, 1],
      dilations: [1, 1],
      pads: [pad, pad, pad, pad],
      groups: options.depthwise ? c : 1,
      rounding: 'onnx',
    },
    [
      x,
      constant('w', { type, data: w }),
      constant('b', { type: quantType('s32', [oc], perTensor(0.0005, 0)), data: bias }),
    ],
    act([n, h + 2 * pad - k + 1, wd + 2 * pad - k + 1, oc]),
    { names: [`conv${seed}`] },
  );
}

function graphOf(build: (x: Value) => Value): Graph {
  seed = 1;
  const x = param('x', act([1, 6, 6, 3]));
  return { name: 'g', inputs: [x], outputs: [{ name: 'y', value: build(x) }] };
}

/** Channels of every convolution result after the pass; asserts that the outputs did not change for several inputs. */
function channelsAfter(graph: Graph): { channels: number[]; notes: readonly string[] } {
  const folded = runPasses(graph, [foldScales], { rounding: 'onnx' }).graph;
  const run = runPasses(folded, [foldScales, eliminateDeadChannels], { rounding: 'onnx' });
  for (let s = 0; s < 4; s++) {
    const inputs = new Map(graph.inputs.map((i) => [i.name, seededTensor(i.type, s)]));
    assert.deepEqual(evaluateGraph(run.graph, inputs), evaluateGraph(graph, inputs));
  }
  return {
    channels: topologicalOrder(run.graph).map((n) => n.results[0].type.shape.at(-1) ?? 0),
    notes: run.notes.map((n) => n.text),
  };
}

/** Output channel `which` has no weights: it always holds its requantized bias. */
const silent = (which: number) => (o: number, _: number, w: number) => (o === which ? 0 : w);
/** Input channel `which` is not read. */
const deaf = (which: number) => (_: number, i: number, w: number) => (i === which ? 0 : w);

test('a constant channel moves into the bias of a convolution without padding', () => {
  const { channels, notes } = channelsAfter(graphOf((x) => conv(conv(x, 5, 3, { weight: silent(2) }), 4, 3)));
  assert.deepEqual(channels, [4, 4]);
  assert.match(notes[0], /^"conv2": 1 of 5 channels \(always \d+: 2\)$/);
});

test('with padding it goes only if it holds the zero point', () => {
  const padded = (bias: number) =>
    graphOf((x) => conv(conv(x, 5, 3, { weight: silent(2), bias: (o) => (o === 2 ? bias : 7) }), 4, 3, { pad: 1 }));
  assert.deepEqual(channelsAfter(padded(0)).channels, [4, 4]);
  assert.deepEqual(channelsAfter(padded(4000)).channels, [5, 4]);
});

test('a channel that nobody reads goes, padding or not', () => {
  const { channels, notes } = channelsAfter(graphOf((x) => conv(conv(x, 5, 3), 4, 3, { pad: 1, weight: deaf(4) })));
  assert.deepEqual(channels, [4, 4]);
  assert.match(notes[0], /never read: 4/);
});

test('two readers must agree', () => {
  const two = (second: ConvShape) =>
    graphOf((x) => {
      const y = conv(x, 5, 3);
      return make('add', {}, [conv(y, 4, 3, { weight: deaf(1) }), conv(y, 4, 3, second)], act([1, 2, 2, 4]), noOrigin);
    });
  assert.deepEqual(channelsAfter(two({ weight: deaf(1) })).channels, [4, 4, 4, 4]);
  assert.deepEqual(channelsAfter(two({})).channels, [5, 4, 4, 4]);
});

test('a class goes as a whole: depthwise with multiplier, table, addition, pools, flatten', () => {
  const graph = graphOf((x) => {
    const a = conv(x, 5, 3, { weight: silent(0) });
    const deep = conv(a, 10, 3, { depthwise: true, weight: (o, _, w) => (o < 2 ? 0 : w) });
    const table = constant('t', {
      type: quantType('u8', [256], perTensor(0.05, zero)),
      data: new Uint8Array(256).map((_, i) => 255 - i),
    });
    const mapped = make('lookup', {}, [deep, table], deep.type, noOrigin);
    const other = conv(x, 10, 5, { weight: (o, _, w) => (o < 2 ? 0 : w) });
    const sum = make('add', {}, [mapped, other], act([1, 2, 2, 10]), noOrigin);
    const pooled = make(
      'average-pool',
      { kernel: [2, 2], strides: [1, 1], dilations: [1, 1], pads: [0, 1, 0, 0], count_include_pad: false },
      [sum],
      act([1, 1, 2, 10]),
      noOrigin,
    );
    const flat = make('reshape', { shape: [1, 1, 1, 20] }, [pooled], act([1, 1, 1, 20]), noOrigin);
    return conv(flat, 3, 1);
  });
  const { channels } = channelsAfter(graph);
  assert.deepEqual(channels, [4, 8, 8, 8, 8, 8, 16, 3]);
});

test('a chain of constants shrinks to one channel each and keeps its value', () => {
  const nothing = { weight: () => 0 };
  const { channels } = channelsAfter(graphOf((x) => conv(conv(conv(x, 6, 3, nothing), 5, 1), 2, 1)));
  assert.deepEqual(channels, [1, 1, 2]);
});

test('channels of graph outputs stay', () => {
  assert.deepEqual(channelsAfter(graphOf((x) => conv(x, 5, 3, { weight: () => 0 }))).channels, [5]);
});

test('a pruned network (MLPerf Tiny visual wake words) loses half of its work and no bit', () => {
  const path = fileURLToPath(new URL('../../../shared/models/vww_mobilenetv1/vww_int8_qdq.onnx', import.meta.url));
  assert.ok(existsSync(path), 'the shared models lie beside the repository');
  const graphs = new Map<string, Graph>();
  const lowered = lowerModel(
    { model: readFileSync(path), fileName: 'vww.onnx' },
    { onPass: (_, name, graph) => graphs.set(name, graph) },
  );
  assert.ok(lowered.notes.some((n) => /: 234 of 256 channels \(always -128: /.test(n.text)));
  const [before, after] = [graphs.get('fold-scales'), graphs.get('eliminate-dead-channels')];
  assert.ok(before !== undefined && after !== undefined);
  const inputs = new Map(before.inputs.map((i) => [i.name, seededTensor(i.type, 5)]));
  assert.deepEqual(evaluateGraph(after, inputs), evaluateGraph(before, inputs));
});
