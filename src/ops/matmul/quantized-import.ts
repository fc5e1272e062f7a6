/** The matrix products of integers, and those that quantize an operand at run time. */
import { constant } from '../../ir/build.js';
import type { Value } from '../../ir/graph.js';
import { elements, floatType, indexType, numberData, quantType, unitAffine } from '../../ir/type.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';
import { inputPart } from '../../onnx/model.js';
import { scaleAt } from '../../quant/affine.js';
import { fullyConnected, isWeight, outputMajor } from '../conv2d/fully-connected-import.js';
import { dynamicallyQuantized, recentred, rescaled, weightSums } from '../dynamic-import.js';
import { reshaped, transposed } from '../layout.js';
import { dequantized, quantized, unitScales } from '../quantized-import.js';
import { product } from './product-import.js';

/** a (input 0) per tensor, b (input 3) per tensor or per column. */
function factors(cx: ImportContext, aScale: number, aZero: number, b: number, bScale: number, bZero: number) {
  const columns = cx.input(b).type.shape.length - 1;
  return [dequantized(cx, 0, aScale, aZero, -1), dequantized(cx, b, bScale, bZero, Math.max(columns, 0))] as const;
}

function qlinearMatMul(cx: ImportContext): Value {
  const [a, b] = factors(cx, 1, 2, 3, 4, 5);
  return quantized(cx, product(cx, a, b, floatType), 6, 7, 0);
}

function matMulInteger(cx: ImportContext): Value {
  const [a, b] = [cx.input(0), cx.input(1)];
  const zero = cx.optional(2);
  if (zero !== undefined && zero.kind !== 'const') {
    const weights = columnWeights(cx, 1, 3);
    return recentred(cx, integerProduct(cx, a, weights), zero, columnSums(cx, a, weights));
  }
  const rows = Math.max(a.type.shape.length - 2, 0);
  const aAffine = unitScales(cx, a.type.shape, 2, rows);
  if (aAffine.per !== 'tensor')
    cx.fail('Q0308', 'one zero point for each row of A is not supported', inputPart(cx.node, 2), 'use a single one');
  const bAffine = unitScales(cx, b.type.shape, 3, Math.max(b.type.shape.length - 1, 0));
  return product(cx, cx.asQuant(a, aAffine), cx.asQuant(b, bAffine), (shape) => indexType('s32', shape));
}

/** Y = alpha * A' * B' + C with C in steps of alpha * a_scale * b_scale. */
function qgemm(cx: ImportContext): Value {
  const alpha = cx.attrs.float('alpha', 1);
  const transA = cx.attrs.bool('transA', false);
  const transB = cx.attrs.bool('transB', false);
  if (cx.input(0).type.shape.length !== 2 || cx.input(3).type.shape.length !== 2)
    cx.fail('Q0210', 'A and B are matrices');
  if (!(alpha > 0)) cx.attrs.invalid('alpha', `is ${alpha}, expected a positive number`);
  // alpha * a_scale is what ONNX Runtime multiplies first: it is the scale of A here.
  const a = cx.input(0);
  const given = cx.affine(a.type.shape, 1, 2, -1);
  if (given.per !== 'tensor') cx.fail('Q0305', 'A is quantized per tensor', inputPart(cx.node, 1));
  const affine = { ...given, scale: Math.fround(alpha * given.scale) };
  const x = cx.make('dequantize', {}, [cx.asQuant(a, affine)], floatType(a.type.shape));
  const w = dequantized(cx, 3, 4, 5, transB ? 0 : 1);
  const rows = transA ? transposed(cx, x, [1, 0]) : x;
  const c = cx.optional(6);
  let y: Value;
  if (isWeight(w)) {
    const weights = transB ? w : outputMajor(cx, w);
    const bias = c === undefined ? undefined : gemmBias(cx, c, weights.type.shape[0], affine.scale);
    y = fullyConnected(cx, rows, weights, bias, floatType);
  } else {
    if (c !== undefined)
      cx.fail('Q0311', 'C is added to a product of two activations', inputPart(cx.node, 6), 'export with constant B');
    y = cx.make('matmul', { transpose_a: transA, transpose_b: transB }, [x, w], floatType([]));
  }
  return cx.optional(7) === undefined ? y : quantized(cx, y, 7, 8, 0);
}

/** C, one number or one for each column, as the bias of a quantized convolution. */
function gemmBias(cx: ImportContext, c: Value, n: number, sx: number): Value {
  const count = elements(c.type.shape);
  if (c.kind !== 'const' || c.type.element !== 's32')
    cx.fail('Q0206', 'C is a constant of int32', inputPart(cx.node, 6));
  const isPerColumn = count === n && c.type.shape.every((d, i) => d === 1 || i === c.type.shape.length - 1);
  if (count !== 1 && !isPerColumn)
    cx.fail(
      'Q0210',
      `C is [${c.type.shape}]; one number or one for each of ${n} columns is supported`,
      inputPart(cx.node, 6),
    );
  const stored = numberData(c.tensor);
  const data = Int32Array.from({ length: n }, (_, i) => stored[count === 1 ? 0 : i]);
  const weights = cx.affine([n], 4, 5, 0);
  const scales = Float32Array.from({ length: n }, (_, i) => sx * scaleAt(weights, i));
  const type = quantType('s32', [n], { per: 'axis', axis: 0, scales, zeroPoints: new Int32Array(n) });
  return cx.make('dequantize', {}, [constant(c.name, { type, data })], floatType([n]));
}

/** b (input `at`) read as plain integers with its zero points, one or one for each column. */
function columnWeights(cx: ImportContext, at: number, zeroIndex: number): Value {
  const b = cx.input(at);
  return cx.asQuant(b, unitScales(cx, b.type.shape, zeroIndex, Math.max(b.type.shape.length - 1, 0)));
}

function integerProduct(cx: ImportContext, a: Value, b: Value): Value {
  return product(cx, cx.asQuant(a, unitAffine), b, (shape) => indexType('s32', shape));
}

/** The sums of the columns of b (input 1), of each matrix of a stack, as they lie in the product with a. */
function columnSums(cx: ImportContext, a: Value, b: Value): Value {
  const { shape } = b.type;
  const summed = Math.max(shape.length - 2, 0);
  const kept = shape.flatMap((_, d) => (d === summed ? [] : [d]));
  const sums = weightSums(cx, b, 1, kept);
  return shape.length < 3 || a.type.shape.length < 2 ? sums : reshaped(cx, sums, shape.with(summed, 1));
}

/** f32(sum (a - zero)(b - bz)) * (scale * b_scale) with scale and zero known at run time only; b is input 1. */
function dynamicProduct(
  cx: ImportContext,
  a: Value,
  scale: Value,
  zero: Value | undefined,
  bScale: Value,
  bZero: number,
): Value {
  const weights = columnWeights(cx, 1, bZero);
  const acc = integerProduct(cx, a, weights);
  const centred = zero === undefined ? acc : recentred(cx, acc, zero, columnSums(cx, a, weights));
  return rescaled(cx, centred, scale, bScale);
}

/** A f32 (0), B (1), b_scale (2), b_zero_point (3), bias (4). */
function dynamicQuantizeMatMul(cx: ImportContext): Value {
  const { q, scale, zero } = dynamicallyQuantized(cx, cx.input(0));
  return withBias(cx, dynamicProduct(cx, q, scale, zero, cx.input(2), 3), 4);
}

/** A (0), B (1), their scales (2, 3) and zero points (4, 5), bias (6): y = f32(acc) * f32(a_scale * b_scale) + bias. */
function matMulIntegerToFloat(cx: ImportContext): Value {
  const [xScale, zero] = [cx.input(2), cx.optional(4)];
  if (xScale.kind !== 'const' || (zero !== undefined && zero.kind !== 'const'))
    return withBias(cx, dynamicProduct(cx, cx.input(0), xScale, zero, cx.input(3), 5), 6);
  const [a, b] = factors(cx, 2, 4, 1, 3, 5);
  return withBias(cx, product(cx, a, b, floatType), 6);
}

/** y plus the float input `at`, if the node has it. */
export function withBias(cx: ImportContext, y: Value, at: number): Value {
  const bias = cx.optional(at);
  if (bias === undefined) return y;
  const n = y.type.shape[y.type.shape.length - 1];
  if (elements(bias.type.shape) !== n) cx.fail('Q0210', `bias is [${bias.type.shape}], expected [${n}]`);
  return cx.make('binary', { fn: 'add' }, [y, reshaped(cx, bias, [n])], y.type);
}

export const quantizedImporters: Importers = {
  QLinearMatMul: qlinearMatMul,
  MatMulInteger: matMulInteger,
  'com.microsoft.DynamicQuantizeMatMul': dynamicQuantizeMatMul,
  'com.microsoft.QGemm': qgemm,
  'com.microsoft.MatMulIntegerToFloat': matMulIntegerToFloat,
};
