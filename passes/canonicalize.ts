/**
 * canonicalize: one spelling per meaning. Views of views are one view, reinterpretations of the same type vanish,
 * layout changes of dequantized constants move to the stored integers (so that weights stay int8), casts there and back
 * cancel, a square is a product.
 *
 * BEFORE  %1 = dequantize(@w) : f32[8,3,3,3]   %2 = transpose(%1) {perm [0,2,3,1]}
 * AFTER   @w' = transpose(@w)                  %2 = dequantize(@w') : f32[8,3,3,3]
 *
 * Exact: moving a permutation through an element-wise map changes no element; x^2 is x * x rounded once either way.
 */
import { constant, make } from '../src/ir/build.js';
import type { Value } from '../src/ir/graph.js';
import { definePass } from '../src/ir/pass.js';
import { rewriteGraph, rule } from '../src/ir/rewrite.js';
import {
  type Element,
  gatherData,
  type QuantType,
  sameShape,
  sameType,
  type TensorType,
  withShape,
} from '../src/ir/type.js';
import { producer } from '../src/ir/walk.js';
import { permutedType } from '../src/ops/permute.js';
import { transposedIndex } from '../src/ops/transpose/op.js';
import { viewRules } from '../src/ops/view-forms.js';

const rules = [
  ...viewRules,
  rule('reinterpret to the same type', 'reinterpret', (node) =>
    sameType(node.operands[0].type, node.results[0].type) ? node.operands[0] : undefined,
  ),
  rule('reinterpret of reinterpret', 'reinterpret', (node) => {
    const inner = producer(node.operands[0], 'reinterpret');
    if (inner === undefined) return undefined;
    return make('reinterpret', {}, [inner.operands[0]], node.results[0].type, node.origin);
  }),
  rule('transpose of dequantized constant', 'transpose', (node) => {
    const stored = dequantizedConstant(node.operands[0]);
    if (stored === undefined) return undefined;
    const type = permutedType(stored.type, node.attrs.perm);
    const data = gatherData(stored.value.tensor.data, transposedIndex(stored.type.shape, node.attrs.perm));
    return make('dequantize', {}, [constant(stored.value.name, { type, data })], node.results[0].type, node.origin);
  }),
  rule('reshape of dequantized constant', 'reshape', (node) => {
    const stored = dequantizedConstant(node.operands[0]);
    if (stored === undefined) return undefined;
    const type = reshapedType(stored.type, node.attrs.shape);
    if (type === undefined) return undefined;
    return make(
      'dequantize',
      {},
      [constant(stored.value.name, { type, data: stored.value.tensor.data })],
      node.results[0].type,
      node.origin,
    );
  }),
  rule('cast there and back', 'cast', (node) => {
    const inner = producer(node.operands[0], 'cast');
    if (inner === undefined) return undefined;
    const [x] = inner.operands;
    return sameType(x.type, node.results[0].type) && holds(inner.results[0].type, x.type) ? x : undefined;
  }),
  // A half float is moved as it is: the casts around the move then meet and cancel.
  rule('reshape of a widened half float', 'reshape', (node) => {
    const x = widenedHalf(node.operands[0]);
    if (x === undefined) return undefined;
    const moved = make('reshape', node.attrs, [x], withShape(x.type, node.attrs.shape), node.origin);
    return make('cast', {}, [moved], node.results[0].type, node.origin);
  }),
  rule('transpose of a widened half float', 'transpose', (node) => {
    const x = widenedHalf(node.operands[0]);
    if (x === undefined) return undefined;
    const moved = make('transpose', node.attrs, [x], permutedType(x.type, node.attrs.perm), node.origin);
    return make('cast', {}, [moved], node.results[0].type, node.origin);
  }),
  rule('square', 'binary', (node) => {
    const [x, exponent] = node.operands;
    if (node.attrs.fn !== 'pow' || exponent.kind !== 'const' || exponent.tensor.data.length !== 1) return undefined;
    if (Number(exponent.tensor.data[0]) !== 2 || !sameShape(x.type.shape, node.results[0].type.shape)) return undefined;
    return make('binary', { fn: 'mul' }, [x, x], node.results[0].type, node.origin);
  }),
];

/** Elements whose every value another one holds exactly. */
const wider: Readonly<Record<string, readonly Element[]>> = {
  f16: ['f32', 'f64'],
  bf16: ['f32', 'f64'],
  f32: ['f64'],
  s8: ['s16', 's32', 's64', 'f32', 'f64', 'f16'],
  u8: ['u16', 's16', 'u32', 's32', 'u64', 's64', 'f32', 'f64', 'f16'],
  s16: ['s32', 's64', 'f32', 'f64'],
  u16: ['u32', 's32', 'u64', 's64', 'f32', 'f64'],
  s32: ['s64', 'f64'],
  u32: ['u64', 's64', 'f64'],
};

function holds(large: TensorType, small: TensorType): boolean {
  return wider[small.element]?.includes(large.element) ?? false;
}

function widenedHalf(value: Value): Value | undefined {
  const x = producer(value, 'cast')?.operands[0];
  return x !== undefined && (x.type.element === 'f16' || x.type.element === 'bf16') && holds(value.type, x.type)
    ? x
    : undefined;
}

function dequantizedConstant(value: Value) {
  const node = producer(value, 'dequantize');
  const operand = node?.operands[0];
  return operand?.kind === 'const' && operand.type.kind === 'quant'
    ? { value: operand, type: operand.type }
    : undefined;
}

/** The affine's axis must survive: the reshape may only split or merge dimensions on either side of it. */
function reshapedType(type: QuantType, shape: readonly number[]): QuantType | undefined {
  if (type.affine.per === 'tensor') return { ...type, shape };
  const { axis } = type.affine;
  // Blocks lie among all dimensions: only those of one entry may come and go.
  const isSame = sameShape(
    shape.filter((d) => d !== 1),
    type.shape.filter((d) => d !== 1),
  );
  if (type.affine.per === 'block' && !isSame) return undefined;
  const before = type.shape.slice(0, axis).reduce((p, d) => p * d, 1);
  let product = 1;
  for (const [i, dim] of shape.entries()) {
    if (product === before && dim === type.shape[axis]) return { ...type, shape, affine: { ...type.affine, axis: i } };
    product *= dim;
  }
  return undefined;
}

export const canonicalize = definePass({
  name: 'canonicalize',
  doc: 'One spelling per meaning: views of views become one, layout changes of stored constants are done at compile time.',
  requires: [],
  establishes: [],
  drops: [],
  numerics: 'exact',
  run: (graph, cx) => rewriteGraph(graph, rules, cx.hit),
});
