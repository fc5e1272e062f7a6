/**
 * Which float ops have a form on stored integers. `quantForms`: dequantize -> op -> quantize becomes the op on quantized
 * types. `quantMoves`: ops that only move or select values commute with dequantize, exactly.
 */
import { anyNode, make, makeNode, nodeProblems } from '../ir/build.js';
import type { AnyNode, OpKind, Result, Value } from '../ir/graph.js';
import { type AnyRule, rule } from '../ir/rewrite.js';
import { isByte, type QuantType, type TensorType } from '../ir/type.js';
import { producer } from '../ir/walk.js';
import { scaleAt } from '../quant/affine.js';
import { quantizedMoves, storedMoves } from './move-forms.js';
import { permutedType } from './permute.js';
import { isWide } from './window.js';

/** Ops whose `evaluate` also takes 8-bit tensors quantized per tensor and answers one. */
const kindsWithQuantForm: ReadonlySet<OpKind> = new Set<OpKind>(['average-pool', 'matmul', 'softmax']);
/** Of these, those that stay float where the element type changes: ONNX Runtime has no integer kernel then either. */
const kindsOfOneElement: ReadonlySet<OpKind> = new Set<OpKind>(['average-pool', 'softmax']);

/** `node` on the stored 8 bits behind its dequantized operands, with this quantized result; undefined if it has no such form. */
export function quantForms(node: AnyNode, result: TensorType): Result | undefined {
  if (!kindsWithQuantForm.has(node.kind)) return undefined;
  const operands = storedOperands(node);
  if (operands === undefined) return undefined;
  const hasWide = isWide(result) || operands.some((v) => isWide(v.type));
  // Of these only a mean has a form on 16 bits, read by any number of them.
  if (hasWide && !(node.kind === 'average-pool' && isWide(operands[0].type))) return undefined;
  if (!hasWide && kindsOfOneElement.has(node.kind) && operands.some((v) => v.type.element !== result.element))
    return undefined;
  // Not with every attribute: a LogSoftmax, say, has no integer form.
  if (nodeProblems(node.kind, node.attrs, operands, [result]).length > 0) return undefined;
  return anyNode(makeNode(node.kind, node.attrs, operands, [result], node.origin)).results[0];
}

/** The stored integers behind a dequantize of a tensor quantized per tensor. */
function stored(value: Value): (Value & { readonly type: QuantType }) | undefined {
  const x = producer(value, 'dequantize')?.operands[0];
  return x !== undefined && isPerTensor(x) ? x : undefined;
}

function isPerTensor(value: Value): value is Value & { readonly type: QuantType } {
  return value.type.kind === 'quant' && value.type.affine.per === 'tensor';
}

/** 8 bits behind every operand; the second matrix of a product may have a scale for each column. */
function storedOperands(node: AnyNode): readonly Value[] | undefined {
  const found = node.operands.flatMap((operand, i) => {
    const x = producer(operand, 'dequantize')?.operands[0];
    if (x === undefined || x.type.kind !== 'quant') return [];
    if (!isByte(x.type) && !(isWide(x.type) && node.kind === 'average-pool')) return [];
    const { affine, shape } = x.type;
    const column = node.kind === 'matmul' && i === 1 ? shape.length - (node.attrs.transpose_b ? 2 : 1) : undefined;
    const fits = affine.per === 'tensor' || (affine.per === 'axis' && affine.axis === column);
    return fits ? [x] : [];
  });
  return found.length === node.operands.length && found.length > 0 ? found : undefined;
}

export function quantMoves(): AnyRule[] {
  return [
    ...storedMoves,
    ...quantizedMoves,
    rule('quantize before where', 'quantize', (node, rw) => {
      const where = producer(node.operands[0], 'where');
      const y = node.results[0].type;
      if (where === undefined || y.kind !== 'quant' || y.affine.per !== 'tensor' || !rw.isOnlyUse(where.results[0]))
        return undefined;
      const [condition, ...choices] = where.operands;
      // A condition computed from the choices makes all of it one table: fuse-lookup.
      if (producer(condition, 'compare') !== undefined || choices.some((v) => stored(v) === undefined))
        return undefined;
      const quantized = choices.map((v) => make('quantize', {}, [v], { ...y, shape: v.type.shape }, node.origin));
      return make('where', {}, [condition, ...quantized], y, where.origin);
    }),
    rule('transpose of dequantize', 'transpose', (node) => {
      const x = stored(node.operands[0]);
      if (x === undefined) return undefined;
      const moved = make('transpose', node.attrs, [x], permutedType(x.type, node.attrs.perm), node.origin);
      return make('dequantize', {}, [moved], node.results[0].type, node.origin);
    }),
    rule('max-pool of dequantize', 'max-pool', (node) => {
      const x = stored(node.operands[0]);
      if (x === undefined || !(isByte(x.type) || isWide(x.type))) return undefined;
      const moved = make('max-pool', node.attrs, [x], { ...x.type, shape: node.results[0].type.shape }, node.origin);
      return make('dequantize', {}, [moved], node.results[0].type, node.origin);
    }),
    rule('arg-extremum of dequantize', 'arg-extremum', (node) => {
      const x = stored(node.operands[0]);
      // The reals of two stored values differ, unless both overflow.
      if (x === undefined || !isByte(x.type) || !(scaleAt(x.type.affine, 0) < 1e36)) return undefined;
      return make('arg-extremum', node.attrs, [x], node.results[0].type, node.origin);
    }),
    rule('reshape of dequantize', 'reshape', (node) => {
      const x = stored(node.operands[0]);
      if (x === undefined) return undefined;
      const moved = make('reshape', node.attrs, [x], { ...x.type, shape: node.attrs.shape }, node.origin);
      return make('dequantize', {}, [moved], node.results[0].type, node.origin);
    }),
  ];
}

/** Ops of quantized operands whose result nobody quantizes: exact integer sums, scaled to float. */
export function quantFloatResults(): AnyRule[] {
  return [
    rule('matmul of quantized operands', 'matmul', (node) => {
      const operands = storedOperands(node);
      if (operands === undefined) return undefined;
      return make('matmul', node.attrs, operands, node.results[0].type, node.origin);
    }),
  ];
}
