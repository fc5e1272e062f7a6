/**
 * Transposes below ops along axes, and into matrix products: floats keep their bits on random shapes, and where elements
 * would meet in another order the transpose stays.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { cancelTransposes } from '../../passes/cancel-transposes.js';
import { foldConstants } from '../../passes/fold-constants.js';
import { inferShapes, make, param } from '../../src/ir/build.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { type AttrsOf, type Graph, noOrigin, type OpKind, type Value } from '../../src/ir/graph.js';
import { seededTensor } from '../../src/ir/parse.js';
import { runPasses } from '../../src/ir/pass.js';
import { floatType, indexType, type Shape, type TensorType } from '../../src/ir/type.js';
import { topologicalOrder } from '../../src/ir/walk.js';
import { permutedType } from '../../src/ops/permute.js';

const transposed = fc
  .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 })
  .chain((shape) =>
    fc
      .shuffledSubarray([...shape.keys()], { minLength: shape.length, maxLength: shape.length })
      .map((perm) => ({ shape, perm })),
  );

function one<K extends OpKind>(kind: K, attrs: AttrsOf<K>, operands: readonly Value[], type: TensorType): Value {
  const [shape] = inferShapes(kind, attrs, operands);
  return make(kind, attrs, operands, { ...type, shape }, noOrigin);
}

function transpose(x: Value, perm: readonly number[]): Value {
  return make('transpose', { perm }, [x], permutedType(x.type, perm), noOrigin);
}

/** Kinds of the ops after the pass, in order; the values must stay, to the bit. */
function kindsAfter(output: Value, inputs: Graph['inputs']): string[] {
  const graph: Graph = { name: 'g', inputs, outputs: [{ name: 'y', value: output }] };
  const run = runPasses(graph, [cancelTransposes, foldConstants], { rounding: 'onnx' });
  const values = new Map(inputs.map((input, i) => [input.name, seededTensor(input.type, i + 7)]));
  assert.deepEqual(evaluateGraph(run.graph, values), evaluateGraph(graph, values));
  return topologicalOrder(run.graph).map((node) => node.kind);
}

/** `build` on a transposed input. */
function below(shape: Shape, perm: readonly number[], build: (x: Value, y: Shape) => Value): string[] {
  const input = param('x', floatType(shape));
  const x = transpose(input, perm);
  return kindsAfter(build(x, x.type.shape), [input]);
}

test('softmax, arg-extremum and reduce of a transposed tensor', () => {
  fc.assert(
    fc.property(transposed, fc.nat(31), ({ shape, perm }, n) => {
      const axis = n % shape.length;
      below(shape, perm, (x) => one('softmax', { fn: 'softmax', axis }, [x], x.type));
      below(shape, perm, (x) => one('arg-extremum', { fn: 'max', axis, last: false }, [x], indexType('s64', [])));
      const axes = [...shape.keys()].filter((i) => (n >> i) & 1);
      below(shape, perm, (x) => one('reduce', { fn: 'sum', axes }, [x], x.type));
    }),
    { numRuns: 300 },
  );
});

test('normalize of a transposed tensor, whatever its scale broadcasts over', () => {
  fc.assert(
    fc.property(transposed, fc.nat(31), fc.nat(31), fc.nat(5), ({ shape, perm }, n, m, drop) => {
      const axes = [...shape.keys()].filter((i) => (n >> i) & 1);
      const input = param('x', floatType(shape));
      const x = transpose(input, perm);
      const dims = x.type.shape.map((d, i) => ((m >> i) & 1 ? d : 1)).slice(Math.min(drop, shape.length));
      const [scale, bias] = [param('scale', floatType(dims)), param('bias', floatType(x.type.shape.slice(-1)))];
      const attrs = { axes, centred: true, spelled: n % 2 === 1, epsilon: 1e-5 };
      kindsAfter(one('normalize', attrs, [x, scale, bias], x.type), [input, scale, bias]);
    }),
    { numRuns: 300 },
  );
});

test('a sum over dimensions that change places keeps its transpose before it', () => {
  const image = [2, 3, 4, 5];
  assert.deepEqual(
    below(image, [0, 3, 1, 2], (x) => one('reduce', { fn: 'mean', axes: [2, 3] }, [x], x.type)),
    ['reduce', 'reshape'],
  );
  assert.deepEqual(
    below(image, [0, 2, 1, 3], (x) => one('reduce', { fn: 'mean', axes: [1, 2] }, [x], x.type)),
    ['transpose', 'reduce'],
  );
});

test('a matrix product reads transposed operands as they are', () => {
  const [a, b] = [param('a', floatType([2, 9, 4])), param('b', floatType([2, 6, 9]))];
  const flags = { transpose_a: false, transpose_b: false };
  const product = one('matmul', flags, [transpose(a, [0, 2, 1]), transpose(b, [0, 2, 1])], a.type);
  assert.deepEqual(kindsAfter(product, [a, b]), ['matmul']);
  const c = param('c', floatType([9, 4, 2]));
  const other = one('matmul', { ...flags, transpose_b: true }, [transpose(c, [2, 1, 0]), b], a.type);
  assert.deepEqual(kindsAfter(other, [c, b]), ['transpose', 'matmul']);
});
