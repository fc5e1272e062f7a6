/**
 * Transposes below ops that move elements: the meaning stays, whatever the shapes, and between NHWC convolutions none is
 * left: not around a concatenation, a split, a pad, a nearest resize, a channel shuffle or a pixel shuffle.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { cancelTransposes } from '../../passes/cancel-transposes.js';
import { lowerModel } from '../../src/compiler.js';
import { anyNode, inferShapes, make, makeNode, param } from '../../src/ir/build.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { type AttrsOf, type Graph, noOrigin, type OpKind, type Value } from '../../src/ir/graph.js';
import { seededTensor } from '../../src/ir/parse.js';
import { runPasses } from '../../src/ir/pass.js';
import { elements, indexType, type Shape } from '../../src/ir/type.js';
import { topologicalOrder } from '../../src/ir/walk.js';
import type { OnnxNode, OnnxTensor } from '../../src/onnx/model.js';
import { reshapeGroups } from '../../src/ops/move-forms.js';
import { permutedType } from '../../src/ops/permute.js';
import { model, node, tensor, value } from '../onnx/model-builder.js';

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 });
const transposed = shapes.chain((shape) =>
  fc
    .shuffledSubarray(
      shape.map((_, i) => i),
      { minLength: shape.length, maxLength: shape.length },
    )
    .map((perm) => ({ shape, perm })),
);

function one<K extends OpKind>(kind: K, attrs: AttrsOf<K>, operands: readonly Value[]): Value {
  const [shape] = inferShapes(kind, attrs, operands);
  return anyNode(makeNode(kind, attrs, operands, [{ ...operands[0].type, shape }], noOrigin)).results[0];
}

/** `build` on a transposed input, before and after the pass. */
function keepsItsMeaning(shape: Shape, perm: readonly number[], build: (x: Value, y: Shape) => Value): void {
  const input = param('x', indexType('s32', shape));
  const type = permutedType(input.type, perm);
  const output = build(make('transpose', { perm }, [input], type, noOrigin), type.shape);
  const graph: Graph = { name: 'g', inputs: [input], outputs: [{ name: 'y', value: output }] };
  const run = runPasses(graph, [cancelTransposes], { rounding: 'onnx' });
  const values = new Map([['x', seededTensor(input.type, 7)]]);
  assert.deepEqual(evaluateGraph(run.graph, values), evaluateGraph(graph, values));
}

test('slice, pad, expand, gather and concat of a transposed tensor', () => {
  fc.assert(
    fc.property(transposed, fc.nat(999), ({ shape, perm }, n) => {
      keepsItsMeaning(shape, perm, (x, y) =>
        one('slice', { starts: y.map((d) => d - 1), steps: y.map(() => -1), sizes: y }, [x]),
      );
      const [before, after] = [pads(shape, n), pads(shape, n + 1)];
      keepsItsMeaning(shape, perm, (x) => one('pad', { before, after, value: -9 }, [x]));
      keepsItsMeaning(shape, perm, (x, y) => one('expand', { shape: y.map((d) => (d === 1 ? 3 : d)) }, [x]));
      keepsItsMeaning(shape, perm, (x) => one('concat', { axis: n % shape.length }, [x, x, x]));
      keepsItsMeaning(shape, perm, (x) =>
        one('concat', { axis: n % shape.length }, [x, one('slice', whole(x), [x]), x]),
      );
    }),
    { numRuns: 300 },
  );
});

function pads(shape: Shape, n: number): number[] {
  return shape.map((_, i) => (n >> i) % 3);
}

function whole({ type: { shape } }: Value): AttrsOf<'slice'> {
  return { starts: shape.map(() => 0), steps: shape.map(() => 1), sizes: shape };
}

/** Splits and merges dimensions at random. */
const reshapes = transposed.chain((t) =>
  fc.array(fc.constantFrom(1, 2, 3, 4, 6), { maxLength: 6 }).map((tries) => {
    const to: number[] = [];
    let left = elements(t.shape);
    for (const d of tries)
      if (left % d === 0) {
        to.push(d);
        left /= d;
      }
    return { ...t, to: left === 1 ? to : [...to, left] };
  }),
);

test('reshapes of a transposed tensor', () => {
  fc.assert(
    fc.property(reshapes, ({ shape, perm, to }) =>
      keepsItsMeaning(shape, perm, (x) => one('reshape', { shape: to }, [x])),
    ),
    { numRuns: 1000 },
  );
});

test('a transpose, a reshape and a transpose', () => {
  fc.assert(
    fc.property(reshapes, fc.nat(119), ({ shape, perm, to }, n) => {
      const order = to.map((_, i) => i).sort((a, b) => ((a * 7 + n) % 11) - ((b * 7 + n) % 11));
      keepsItsMeaning(shape, perm, (x) => {
        const y = one('reshape', { shape: to }, [x]);
        return make('transpose', { perm: order }, [y], permutedType(y.type, order), noOrigin);
      });
    }),
    { numRuns: 1000 },
  );
});

test('the groups of a reshape cover both shapes in order, each of one size', () => {
  fc.assert(
    fc.property(reshapes, ({ shape, to }) => {
      const groups = reshapeGroups(shape, to) ?? [];
      assert.deepEqual(
        groups.flatMap((g) => g.from),
        shape.map((_, i) => i),
      );
      assert.deepEqual(
        groups.flatMap((g) => g.to),
        to,
      );
      for (const { from, to: sizes } of groups) assert.equal(elements(from.map((d) => shape[d])), elements(sizes));
    }),
  );
});

/** Kinds of nodes left of conv -> `nodes` -> conv in NCHW; `nodes` read `a` and write `b`. */
function kindsBetween(
  nodes: readonly OnnxNode[],
  channels: number,
  constants: Record<string, OnnxTensor> = {},
): string[] {
  const weights = (oc: number, c: number) =>
    tensor(
      'f32',
      [oc, c, 1, 1],
      Array.from({ length: oc * c }, (_, i) => (i % 7) - 3),
    );
  const bytes = model({
    inputs: [value('x', 'f32', [1, 3, 4, 6])],
    outputs: [{ name: 'y', elemType: 'f32', dims: undefined }],
    initializers: { w1: weights(8, 3), w2: weights(5, channels), ...constants },
    nodes: [node('Conv', ['x', 'w1'], ['a']), ...nodes, node('Conv', ['b', 'w2'], ['y'])],
  });
  const order = topologicalOrder(lowerModel({ model: bytes, fileName: 'm.onnx' }).graph).map((n) => n.kind);
  const inner = order.slice(order.indexOf('conv2d') + 1, order.lastIndexOf('conv2d'));
  return inner.filter((kind) => kind !== 'reshape');
}
const ints = (...values: number[]) => tensor('s64', [values.length], values);

test('nothing but the op itself is left between two convolutions', () => {
  assert.deepEqual(kindsBetween([node('Concat', ['a', 'a'], ['b'], { axis: 1 })], 16), ['concat']);
  assert.deepEqual(kindsBetween([node('Split', ['a'], ['s', 't'], { axis: 1 }), node('Add', ['s', 't'], ['b'])], 4), [
    'slice',
    'slice',
    'binary',
  ]);
  assert.deepEqual(kindsBetween([node('Pad', ['a', 'p'], ['b'])], 8, { p: ints(0, 0, 1, 2, 0, 0, 0, 1) }), []);
  assert.deepEqual(kindsBetween([node('Resize', ['a', '', 'r'], ['b'])], 8, { r: tensor('f32', [4], [1, 1, 2, 2]) }), [
    'expand',
    'expand',
  ]);
  assert.deepEqual(
    kindsBetween([node('Resize', ['a', '', 'r'], ['b'], { mode: 'linear' })], 8, {
      r: tensor('f32', [4], [1, 1, 2, 2]),
    }),
    ['resize-linear'],
  );
});

test('a shuffle of channels or pixels is one transpose', () => {
  const shuffle = [
    node('Reshape', ['a', 'five'], ['s']),
    node('Transpose', ['s'], ['t'], { perm: [0, 2, 1, 3, 4] }),
    node('Reshape', ['t', 'four'], ['b']),
  ];
  assert.deepEqual(kindsBetween(shuffle, 8, { five: ints(1, 2, 4, 4, 6), four: ints(1, 8, 4, 6) }), ['transpose']);
  assert.deepEqual(kindsBetween([node('DepthToSpace', ['a'], ['b'], { blocksize: 2 })], 2), ['transpose']);
  const padded = [
    node('DepthToSpace', ['a'], ['d'], { blocksize: 2 }),
    node('Pad', ['d', 'p'], ['b'], { mode: 'edge' }),
  ];
  assert.deepEqual(kindsBetween(padded, 2, { p: ints(0, 0, 1, 0, 0, 0, 0, 0) }), ['transpose', 'gather']);
  assert.deepEqual(kindsBetween([node('SpaceToDepth', ['a'], ['b'], { blocksize: 2 })], 32), ['transpose']);
});
