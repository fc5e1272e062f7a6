// needs: c-compiler
/** What the observers of generated C gather, against the interpreter and sums written without them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { buildObserver, type Observer } from '../../src/cli/observe.js';
import { QccError } from '../../src/diagnostics/diagnostic.js';
import type { WatchedTensor } from '../../src/emit/watch.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import type { Graph, Value } from '../../src/ir/graph.js';
import { seededSamples } from '../../src/ir/seeded.js';
import { f32Data, type Tensor } from '../../src/ir/type.js';
import { model, node, tensor, value } from '../onnx/model-builder.js';
import { wholeNumbers } from '../onnx/tiny-models.js';
import { sumsOf } from '../quant/sums.js';

const folder = mkdtempSync(join(tmpdir(), 'qcc-observe-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const silent = { out: () => {}, say: () => {}, color: false };

function floats(shape: readonly number[], seed: number, scale = 1 / 64) {
  const count = shape.reduce((p, d) => p * d, 1);
  return tensor(
    'f32',
    shape,
    wholeNumbers(count, seed, -64, 64).map((n) => n * scale),
  );
}

/** Convolution, batch normalization, Relu, residual, average, a fully connected layer: the shape of a CNN. */
const network = model({
  inputs: [value('x', 'f32', [1, 3, 9, 10])],
  outputs: [value('y', 'f32', [1, 5]), value('p', 'f32', [1, 8, 9, 10])],
  initializers: {
    w: floats([8, 3, 3, 3], 1),
    scale: floats([8], 2),
    shift: floats([8], 3),
    mean: floats([8], 4),
    variance: tensor('f32', [8], [1, 2, 3, 4, 5, 6, 7, 8]),
    w2: floats([8, 8, 1, 1], 5),
    fc: floats([5, 8], 6),
    bias: floats([5], 7, 1e3),
  },
  nodes: [
    node('Conv', ['x', 'w'], ['c'], { pads: [1, 1, 1, 1] }),
    node('BatchNormalization', ['c', 'scale', 'shift', 'mean', 'variance'], ['n']),
    node('Relu', ['n'], ['r']),
    node('Conv', ['r', 'w2'], ['d']),
    node('Add', ['d', 'r'], ['s']),
    node('Sigmoid', ['s'], ['p']),
    node('GlobalAveragePool', ['p'], ['g']),
    node('Flatten', ['g'], ['f']),
    node('Gemm', ['f', 'fc', 'bias'], ['y'], { transB: 1 }),
  ],
});

async function observerOf(bytes: Uint8Array, name: string): Promise<Observer> {
  const path = join(folder, `${name}.onnx`);
  writeFileSync(path, bytes);
  const options = { model: path, target: undefined, dim: [], rounding: undefined, name: undefined, cc: undefined };
  return buildObserver(options, silent);
}

/** Every value of a graph on one sample. */
function valuesOf(graph: Graph, sample: readonly Tensor[]): ReadonlyMap<Value, Float32Array> {
  const values = new Map<Value, Float32Array>(graph.inputs.map((input, i) => [input, f32Data(sample[i])]));
  evaluateGraph(graph, new Map(graph.inputs.map(({ name }, i) => [name, sample[i]])), (value, t) => {
    if (value.type.element === 'f32') values.set(value, f32Data(t));
  });
  return values;
}

/** The value of the graph that a watched tensor is, through moves. */
function baseOf(graph: Graph, watched: WatchedTensor): Value {
  let at = graph.named?.get(watched.names[0].name);
  while (at?.kind === 'result' && (at.node.kind === 'transpose' || at.node.kind === 'reshape'))
    at = at.node.operands[0];
  assert.ok(at !== undefined);
  return at;
}

test('observers gather what the interpreter computes, and parts add up', async () => {
  const observer = await observerOf(network, 'network');
  try {
    const { graph } = observer.session.compiled;
    const samples = seededSamples(graph, 5);
    const all = await observer.run(samples, String);
    assert.deepEqual([...all.keys()], ['d', 'f', 'g', 'n', 'p', 'r', 's', 'x', 'y']);
    const values = samples.map((sample) => valuesOf(graph, sample));
    for (const watched of observer.watched) {
      const base = baseOf(graph, watched);
      const each = values.map((v) => v.get(base) ?? assert.fail('a watched value that is not computed'));
      for (const { name, axis } of watched.names)
        assert.deepEqual(all.get(name), sumsOf(each, [watched.outer, watched.channels, watched.inner], axis), name);
    }
    for (const name of ['d', 'n', 'p', 'r', 's', 'x', 'f', 'y']) assert.equal(all.get(name)?.channels?.axis, 1, name);
    assert.deepEqual(
      ['x', 'n', 'f', 'y'].map((name) => all.get(name)?.channels?.min.length),
      [3, 8, 8, 5],
    );
  } finally {
    observer.remove();
  }
});

test('extremes: subnormal and huge values, zeros of both signs, growing bins, exact sums', async () => {
  const bytes = model({
    inputs: [value('x', 'f32', [1, 2, 2, 2])],
    outputs: ['y'],
    nodes: [node('Relu', ['x'], ['y'])],
  });
  const observer = await observerOf(bytes, 'extremes');
  try {
    const [input] = observer.session.compiled.graph.inputs;
    const rows = [
      [0, -0, 0, -0, 2 ** -149, -(2 ** -149), 2 ** -140, 0],
      [1, -1, 2047, -2048, 2048, -2049, 1e-40, -1e-40],
      [3e38, -3e38, 3e38, -3e38, 1, 1e-3, 16777216, -7],
    ];
    const samples = rows.map((row) => [{ type: input.type, data: Float32Array.from(row) }]);
    for (const part of [samples, samples.slice(0, 1), samples.slice(1), [...samples].reverse()]) {
      const sums = await observer.run(part, String);
      assert.deepEqual(
        sums.get('x'),
        sumsOf(
          part.map(([t]) => t.data),
          [1, 2, 4],
          1,
        ),
      );
    }
  } finally {
    observer.remove();
  }
});

test('a value that is not finite names the sample and the tensor', async () => {
  const bytes = model({
    inputs: [value('x', 'f32', [1, 4])],
    outputs: ['y'],
    nodes: [node('Exp', ['x'], ['big']), node('Relu', ['big'], ['y'])],
  });
  const observer = await observerOf(bytes, 'overflow');
  try {
    const [{ type }] = observer.session.compiled.graph.inputs;
    const samples = [
      [1, 2, 3, 4],
      [0, 0, 100, 0],
      [Number.NaN, 1, 1, 1],
    ].map((row) => [{ type, data: Float32Array.from(row) }]);
    const said = async (part: typeof samples): Promise<string> => {
      try {
        await observer.run(part, (i) => `row ${i}`);
      } catch (failure) {
        assert.ok(failure instanceof QccError && failure.diagnostics[0].code === 'Q0808');
        return failure.diagnostics[0].message;
      }
      return assert.fail('it did not stop');
    };
    assert.equal(await said(samples), 'row 1: tensor "big" holds infinity');
    assert.equal(await said([samples[0], samples[2]]), 'row 1: input "x" holds NaN');
  } finally {
    observer.remove();
  }
});
