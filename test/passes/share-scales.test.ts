/** A table moves through max-pool and reshape into the convolution, where it may; no output bit changes. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { shareScales } from '../../passes/share-scales.js';
import { constant, make, param } from '../../src/ir/build.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { type Graph, noOrigin, type Value } from '../../src/ir/graph.js';
import { seededTensor } from '../../src/ir/parse.js';
import { runPasses } from '../../src/ir/pass.js';
import { perTensor, quantType, type Shape } from '../../src/ir/type.js';
import { topologicalOrder } from '../../src/ir/walk.js';

const act = (shape: Shape) => quantType('s8', shape, perTensor(0.05, 3));

function conv(x: Value): Value {
  const w = constant('w', seededTensor(quantType('s8', [4, 1, 1, 4], perTensor(0.01, 0)), 7));
  const attrs = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], groups: 1, rounding: 'onnx' } as const;
  return make('conv2d', attrs, [x, w], act([1, 4, 4, 4]), noOrigin);
}

/** The kinds in order, after the pass; `table` gives the new stored value of a stored value. */
function kindsAfter(table: (v: number) => number, isShared = false): string[] {
  const x = param('x', act([1, 4, 4, 4]));
  const pool = { kernel: [2, 2], strides: [2, 2], dilations: [1, 1], pads: [0, 0, 0, 0] };
  const pooled = make('max-pool', pool, [conv(x)], act([1, 2, 2, 4]), noOrigin);
  const flat = make('reshape', { shape: [1, 16] }, [pooled], act([1, 16]), noOrigin);
  const data = Int8Array.from({ length: 256 }, (_, byte) => table((byte << 24) >> 24));
  const type = quantType('s8', [256], perTensor(0.1, -5));
  const lookup = make('lookup', {}, [flat, constant('t', { type, data })], { ...type, shape: [1, 16] }, noOrigin);
  const extra = isShared ? [{ name: 'z', value: pooled }] : [];
  const graph: Graph = { name: 'g', inputs: [x], outputs: [{ name: 'y', value: lookup }, ...extra] };
  const after = runPasses(graph, [shareScales], { rounding: 'onnx' }).graph;
  for (let seed = 0; seed < 3; seed++) {
    const inputs = new Map([['x', seededTensor(x.type, seed)]]);
    assert.deepEqual(evaluateGraph(after, inputs), evaluateGraph(graph, inputs));
  }
  return topologicalOrder(after).map((n) => n.kind);
}

test('a table that never decreases goes in front of the max-pool', () => {
  assert.deepEqual(
    kindsAfter((v) => v >> 1),
    ['conv2d', 'lookup', 'max-pool', 'reshape'],
  );
});

test('one that decreases somewhere stays', () => {
  assert.deepEqual(
    kindsAfter((v) => -1 - v),
    ['conv2d', 'max-pool', 'reshape', 'lookup'],
  );
});

test('a value with two readers keeps its scale', () => {
  assert.deepEqual(
    kindsAfter((v) => v >> 1, true),
    ['conv2d', 'max-pool', 'reshape', 'lookup'],
  );
});
