/** TFLite's sum joins the convolution before it: the same bytes, on targets that add one value at a time, and only where integers can. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { fuseSums } from '../../passes/fuse-sums.js';
import { loadAssets } from '../../src/assets.js';
import { constant, make, param } from '../../src/ir/build.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { type Graph, noOrigin, type Value } from '../../src/ir/graph.js';
import { seededTensor } from '../../src/ir/parse.js';
import { runPasses } from '../../src/ir/pass.js';
import { indexType, perTensor, quantType } from '../../src/ir/type.js';
import { topologicalOrder } from '../../src/ir/walk.js';

const { kernels } = loadAssets();
const s8 = (scale: number, zero: number) => quantType('s8', [1, 6, 6, 16], perTensor(scale, zero));

function pointwise(x: Value, scale: number, zero: number): Value {
  const w = constant('w', seededTensor(quantType('s8', [16, 1, 1, 16], perTensor(1, 0)), zero + 40));
  const bias = constant('b', { type: indexType('s32', [16]), data: new Int32Array(16).fill(77) });
  const pairs = Int32Array.from({ length: 32 }, (_, i) => (i % 2 === 0 ? 1518500250 + i : -7));
  const multiplier = constant('m', { type: indexType('s32', [16, 2]), data: pairs });
  const attrs = {
    strides: [1, 1],
    dilations: [1, 1],
    pads: [0, 0, 0, 0],
    groups: 1,
    rounding: 'tflite-double' as const,
    add: 'none' as const,
    lookup: false,
    mid_element: 's8' as const,
    mid_zero: zero,
    mid_min: -128,
    mid_max: 127,
    add_a: 0,
    add_b: 0,
    add_fixed: 0,
    sum_element: 's8' as const,
    sum_min: -128,
    sum_max: 127,
  };
  return make('conv2d-requant', attrs, [x, w, bias, multiplier], s8(scale, zero), noOrigin);
}

/** x + conv(x), or conv(x) + x. @param more what else the graph returns. */
function residual(
  scales: readonly number[],
  convFirst: boolean,
  more: (v: Value) => readonly Value[] = () => [],
): Graph {
  const [xScale, vScale, yScale] = scales.map(Math.fround);
  const x = param('x', s8(xScale, -128));
  const v = pointwise(x, vScale, 4);
  const operands = convFirst ? [v, x] : [x, v];
  const y = make('add-fixed', { subtract: false, powers: false }, operands, s8(yScale, -128), noOrigin);
  const outputs = [y, ...more(v)].map((value, i) => ({ name: `y${i}`, value }));
  return { name: 'g', inputs: [x], outputs };
}

function fused(graph: Graph, isas: readonly string[]) {
  const own = isas.flatMap((isa) => kernels.get(isa) ?? []);
  return runPasses(graph, [fuseSums(own)], { rounding: 'tflite' }).graph;
}
const kinds = (graph: Graph) => topologicalOrder(graph).map(({ kind }) => kind);
const real = [0.03939355, 0.10419496, 0.050945673];

test('the sum joins the convolution, whichever operand that is, and is the same', () => {
  for (const convFirst of [true, false]) {
    const before = residual(real, convFirst);
    const after = fused(before, ['arm-dsp', 'scalar']);
    assert.deepEqual(kinds(after), ['conv2d-requant']);
    for (const seed of [1, 2, 3]) {
      const given = new Map([['x', seededTensor(before.inputs[0].type, seed)]]);
      assert.deepEqual(evaluateGraph(after, given), evaluateGraph(before, given));
    }
  }
});

test('it does not where vectors add, another reads the value, or no integers make the sum', () => {
  const apart = ['conv2d-requant', 'add-fixed'];
  assert.deepEqual(kinds(fused(residual(real, true), ['x86-avx2', 'scalar'])), apart);
  assert.deepEqual(kinds(fused(residual(real, true), ['arm-mve', 'arm-dsp', 'scalar'])), apart);
  assert.deepEqual(
    kinds(
      fused(
        residual(real, true, (v) => [v]),
        ['scalar'],
      ),
    ),
    apart,
  );
  assert.deepEqual(kinds(fused(residual([8, 0.01, 0.01], true), ['scalar'])), apart);
});
