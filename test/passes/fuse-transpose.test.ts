/** Transposes behind quantize and dequantize become their layout; no bit changes; others stay. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { fuseTranspose } from '../../passes/fuse-transpose.js';
import { make, param } from '../../src/ir/build.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { type Graph, noOrigin, type Param, type Value } from '../../src/ir/graph.js';
import { seededTensor } from '../../src/ir/parse.js';
import { runPasses } from '../../src/ir/pass.js';
import { floatType, perTensor, quantType, type Shape } from '../../src/ir/type.js';
import { topologicalOrder } from '../../src/ir/walk.js';
import { permutedType } from '../../src/ops/permute.js';
import { planesOf } from '../../src/ops/planes.js';
import { transposedIndex } from '../../src/ops/transpose/op.js';

/** The kinds in order, after the pass, which must not change an output. */
function kindsAfter(x: Param, outputs: readonly Value[]): string[] {
  const graph: Graph = { name: 'g', inputs: [x], outputs: outputs.map((value, i) => ({ name: `y${i}`, value })) };
  const after = runPasses(graph, [fuseTranspose], { rounding: 'onnx' }).graph;
  const inputs = new Map([['x', seededTensor(x.type, 5)]]);
  assert.deepEqual(evaluateGraph(after, inputs), evaluateGraph(graph, inputs));
  return topologicalOrder(after).map((n) => n.kind);
}

function transposed(value: Value, perm: readonly number[]): Value {
  return make('transpose', { perm }, [value], permutedType(value.type, perm), noOrigin);
}

function quantized(x: Value, element: 'u8' | 's16' = 'u8'): Value {
  return make('quantize', {}, [x], quantType(element, x.type.shape, perTensor(0.02, 117)), noOrigin);
}

const image = param('x', floatType([1, 3, 4, 5]));
const toPixels = [0, 2, 3, 1];

test('behind a quantize', () => {
  assert.deepEqual(kindsAfter(image, [transposed(quantized(image), toPixels)]), ['quantize-transposed']);
});

test('behind a dequantize', () => {
  const x = param('x', quantType('s8', [1, 4, 5, 3], perTensor(0.02, -7)));
  const y = transposed(make('dequantize', {}, [x], floatType(x.type.shape), noOrigin), [0, 3, 1, 2]);
  assert.deepEqual(kindsAfter(x, [y]), ['dequantize-transposed']);
});

test('not where another reader wants the first layout', () => {
  const q = quantized(image);
  assert.deepEqual(kindsAfter(image, [transposed(q, toPixels), q]), ['quantize', 'transpose']);
});

test('not where the kernel cannot say the order or the element', () => {
  assert.deepEqual(kindsAfter(image, [transposed(quantized(image), [3, 2, 1, 0])]), ['quantize', 'transpose']);
  assert.deepEqual(kindsAfter(image, [transposed(quantized(image, 's16'), toPixels)]), ['quantize', 'transpose']);
});

function permutations(rank: number): number[][] {
  if (rank === 0) return [[]];
  return permutations(rank - 1).flatMap((p) =>
    Array.from({ length: rank }, (_, i) => [...p.slice(0, i), rank - 1, ...p.slice(i)]),
  );
}

/** Where the layout of qcc/quantize.h reads the elements of its result. */
function layoutIndex(planes: { outer: number; rows: number; columns: number }): number[] {
  const { outer, rows, columns } = planes;
  const index: number[] = [];
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) index.push(o * rows * columns + i + j * rows);
  return index;
}

test('planes say what the permutation says, for every permutation of up to four dimensions', () => {
  const shapes: readonly Shape[] = [
    [2, 3],
    [1, 3],
    [2, 3, 4],
    [1, 2, 3],
    [2, 1, 3],
    [2, 3, 4, 5],
    [1, 3, 4, 2],
    [2, 1, 1, 3],
    [2, 3, 1, 2],
  ];
  let found = 0;
  for (const shape of shapes)
    for (const perm of permutations(shape.length)) {
      const planes = planesOf(shape, perm);
      if (planes === undefined) continue;
      found++;
      assert.deepEqual([...transposedIndex(shape, perm)], layoutIndex(planes), `[${shape}] by [${perm}]`);
    }
  assert.ok(found >= 40, `${found} permutations`);
});
