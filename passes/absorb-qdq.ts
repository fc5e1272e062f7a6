/**
 * absorb-qdq: dequantize -> op -> quantize becomes the op on quantized types, in every producer's dialect.
 *
 * BEFORE  %1 = dequantize(%0)  %2 = dequantize(@w)  %3 = dequantize(@b)  %4 = conv2d(%1, %2, %3)  %5 = quantize(%4)
 * AFTER   %5 = conv2d(%0, @w, @b) : u8[...] q(...)
 *
 * A float bias (TensorRT, PyTorch) is quantized to s32 at scale sx*sw; weights given as float -> Q -> DQ were folded to
 * integers before. Numerics: the float reading rounds once per multiply-add, the integer one is exact up to its single
 * rounding, so a rewritten node may differ by one step.
 */

import { note } from '../src/diagnostics/diagnostic.js';
import { anyNode, constant, make, makeNode, nodeProblems } from '../src/ir/build.js';
import type { Graph, Node, Origin, Result, Value } from '../src/ir/graph.js';
import { definePass, type PassContext } from '../src/ir/pass.js';
import { type AnyRule, rewriteGraph, rule } from '../src/ir/rewrite.js';
import { floatType, numberData, type QuantType, quantType, sameAffine, type TensorType } from '../src/ir/type.js';
import { producer } from '../src/ir/walk.js';
import { addsSwapped } from '../src/ops/add/op.js';
import { accumulatorBounds } from '../src/ops/conv2d-requant/bounds.js';
import { quantFloatResults, quantForms, quantMoves } from '../src/ops/quant-forms.js';
import { isStoredType, isWide } from '../src/ops/window.js';
import { scaleAt } from '../src/quant/affine.js';
import { roundHalfEven } from '../src/quant/requantize.js';

type QuantValue = Value & { readonly type: QuantType };

function isQuant(value: Value): value is QuantValue {
  return value.type.kind === 'quant';
}

/** The stored integers behind a dequantize, if they are 8 bits quantized per tensor, or s16 without a zero point. */
function stored(value: Value): QuantValue | undefined {
  const x = producer(value, 'dequantize')?.operands[0];
  if (x === undefined || !isQuant(x) || x.type.affine.per !== 'tensor') return undefined;
  return isStoredType(x.type) ? x : undefined;
}

/** Constant integer weights behind a dequantize, per tensor or along axis 0. */
function storedWeights(value: Value): QuantValue | undefined {
  const w = producer(value, 'dequantize')?.operands[0];
  if (w?.kind !== 'const' || !isQuant(w) || w.type.affine.per === 'block') return undefined;
  if (w.type.affine.per === 'axis' && w.type.affine.axis !== 0) return undefined;
  return w.type.element === 's32' || w.type.element === 's16' || w.type.element === 'u16' ? undefined : w;
}

const SCALE_TOLERANCE = 1e-5;

/** The s32 bias of a quantized convolution; undefined if it is not known at compile time or does not fit. */
function integerBias(
  bias: Value,
  x: QuantType,
  w: QuantType,
  oc: number,
  origin: Origin,
  cx: PassContext,
): Value | undefined {
  const sx = scaleAt(x.affine, 0);
  const scales = Float32Array.from({ length: oc }, (_, o) => Math.fround(sx * scaleAt(w.affine, o)));
  const affine = { per: 'axis', axis: 0, scales, zeroPoints: new Int32Array(oc) } as const;
  const type = quantType('s32', [oc], affine);
  const inner = producer(bias, 'dequantize')?.operands[0];
  const reals = new Float64Array(oc);
  if (inner?.kind === 'const' && isQuant(inner) && inner.type.affine.per !== 'block') {
    const stored = numberData(inner.tensor);
    const { affine: given } = inner.type;
    let trusted = inner.type.element === 's32';
    for (let o = 0; o < oc; o++) {
      reals[o] = stored[o] * scaleAt(given, o);
      if (Math.abs(scaleAt(given, o) - scales[o]) > SCALE_TOLERANCE * scales[o]) trusted = false;
    }
    if (trusted) return constant(inner.name, { type, data: inner.tensor.data });
    cx.report(
      note(
        'Q0309',
        `the bias of "${origin.names[0] ?? 'conv'}" has another scale than x_scale * w_scale: it was rescaled exactly`,
      ),
    );
  } else if (bias.kind === 'const' && bias.type.kind === 'float') {
    const given = numberData(bias.tensor);
    for (let o = 0; o < oc; o++) reals[o] = given[o];
  } else return undefined;
  const data = new Int32Array(oc);
  for (let o = 0; o < oc; o++) {
    const value = roundHalfEven(reals[o] / scales[o]);
    if (!(Math.abs(value) < 2147483648)) return undefined;
    data[o] = value;
  }
  return constant(bias.kind === 'const' ? bias.name : 'bias', { type, data });
}

/** The convolution on stored integers, with a result of this type; undefined if its operands are not quantized. */
function quantConv(
  node: Node<'conv2d'> | Node<'conv2d-transpose'>,
  result: TensorType,
  origin: Origin,
  cx: PassContext,
): Result | undefined {
  const [xValue, wValue, biasValue] = node.operands;
  const x = stored(xValue);
  const w = storedWeights(wValue);
  if (x === undefined || w === undefined) return undefined;
  if (isWide(x.type) && (node.kind !== 'conv2d' || w.type.element !== 's8')) return undefined;
  if (isWide(result) && node.kind !== 'conv2d') return undefined;
  const oc = w.type.shape[0];
  const operands: Value[] = [x, w];
  if (biasValue !== undefined) {
    const bias = integerBias(biasValue, x.type, w.type, oc, origin, cx);
    if (bias === undefined) return undefined;
    operands.push(bias);
  }
  if (isWide(x.type) && !fitsNarrow(x.type, w, operands[2])) return undefined;
  return anyNode(makeNode(node.kind, node.attrs, operands, [result], origin)).results[0];
}

/** The convolution that makes a value. */
function convolution(value: Value): Node<'conv2d'> | Node<'conv2d-transpose'> | undefined {
  return producer(value, 'conv2d') ?? producer(value, 'conv2d-transpose');
}

function stepRules(cx: PassContext): AnyRule[] {
  return [
    rule('quantize before transpose', 'quantize', (node) => {
      const transpose = producer(node.operands[0], 'transpose');
      const y = node.results[0].type;
      if (transpose === undefined || y.kind !== 'quant' || y.affine.per !== 'tensor') return undefined;
      const [x] = transpose.operands;
      const inner = make('quantize', {}, [x], { ...y, shape: x.type.shape }, node.origin);
      return make('transpose', transpose.attrs, [inner], y, transpose.origin);
    }),
    rule('quantize before reshape', 'quantize', (node) => {
      const reshape = producer(node.operands[0], 'reshape');
      const y = node.results[0].type;
      if (reshape === undefined || y.kind !== 'quant' || y.affine.per !== 'tensor') return undefined;
      const [x] = reshape.operands;
      const inner = make('quantize', {}, [x], { ...y, shape: x.type.shape }, node.origin);
      return make('reshape', reshape.attrs, [inner], y, reshape.origin);
    }),
    rule('quantize of convolution', 'quantize', (node, rw) => {
      const conv = convolution(node.operands[0]);
      if (conv === undefined || !rw.isOnlyUse(conv.results[0]) || !isStoredType(node.results[0].type)) return undefined;
      return quantConv(conv, node.results[0].type, conv.origin, cx);
    }),
    rule('quantize of add or mul', 'quantize', (node, rw) => {
      const sum = producer(node.operands[0], 'binary');
      const y = node.results[0].type;
      if ((sum?.attrs.fn !== 'add' && sum?.attrs.fn !== 'mul') || !rw.isOnlyUse(sum.results[0]) || !isStoredType(y))
        return undefined;
      const a = stored(sum.operands[0]);
      const b = stored(sum.operands[1]);
      if (a === undefined || b === undefined) return undefined;
      // ONNX Runtime leaves mixed bytes to float arithmetic, and so do we; with 16 bits it has no kernel, and any mix will do.
      const isMixed = a.type.element !== y.element || b.type.element !== y.element;
      if (isMixed && ![a.type, b.type, y].some(isWide)) return undefined;
      const isSwapped = sum.attrs.fn === 'add' && addsSwapped(a.type.shape, b.type.shape);
      const operands = isSwapped ? [b, a] : [a, b];
      // Not where a ratio of the scales leaves float32.
      if (nodeProblems(sum.attrs.fn, {}, operands, [y]).length > 0) return undefined;
      return make(sum.attrs.fn, {}, operands, y, sum.origin);
    }),
    rule('quantize of an op with a quantized form', 'quantize', (node, rw) => {
      const value = node.operands[0];
      if (value.kind !== 'result' || !rw.isOnlyUse(value) || !isStoredType(node.results[0].type)) return undefined;
      return quantForms(value.node, node.results[0].type);
    }),
    rule('quantize of dequantize', 'quantize', (node) => {
      const x = producer(node.operands[0], 'dequantize')?.operands[0];
      const y = node.results[0].type;
      if (x === undefined || !isQuant(x) || y.kind !== 'quant') return undefined;
      if (x.type.element === y.element && sameAffine(x.type.affine, y.affine)) {
        const fits = x.type.range[0] >= y.range[0] && x.type.range[1] <= y.range[1];
        return fits ? x : make('clamp', { min: y.range[0], max: y.range[1] }, [x], y, node.origin);
      }
      if (x.type.affine.per !== 'tensor' || y.affine.per !== 'tensor') return undefined;
      return make('requantize', {}, [x], y, node.origin);
    }),
    ...quantMoves(),
  ];
}

/** Whether no sum of products of int16 can leave 32 bits, whatever its order: else they are computed in float, as ONNX says. */
function fitsNarrow({ range }: QuantType, w: QuantValue, bias: Value | undefined): boolean {
  if (w.kind !== 'const' || (bias !== undefined && bias.kind !== 'const')) return false;
  const sums = bias === undefined ? new Float64Array(w.type.shape[0]) : numberData(bias.tensor);
  const [low, high] = [Math.min(range[0], 0), Math.max(range[1], 0)];
  const { partialLow, partialHigh } = accumulatorBounds(w.tensor, sums, low, high);
  return partialLow.every((sum) => sum >= -(2 ** 31)) && partialHigh.every((sum) => sum < 2 ** 31);
}

/** A float bias of a float result is added as it is: rounding it to steps of the accumulator would change it. */
function floatResult(node: Node<'conv2d'> | Node<'conv2d-transpose'>, cx: PassContext): Value | undefined {
  const y = node.results[0].type;
  if (y.kind !== 'float') return undefined;
  const [x, w, bias] = node.operands;
  if (bias?.kind !== 'const' || bias.type.kind !== 'float') return quantConv(node, floatType(y.shape), node.origin, cx);
  const bare =
    node.kind === 'conv2d'
      ? makeNode('conv2d', node.attrs, [x, w], [y], node.origin)
      : makeNode('conv2d-transpose', node.attrs, [x, w], [y], node.origin);
  const sum = quantConv(bare, floatType(y.shape), node.origin, cx);
  return sum === undefined ? undefined : make('binary', { fn: 'add' }, [sum, bias], y, node.origin);
}

/** Convolutions of quantized operands whose result nobody quantizes: exact integer sums, scaled to float. */
function floatResultRules(cx: PassContext): AnyRule[] {
  return [
    rule('conv2d of quantized operands', 'conv2d', (node) => floatResult(node, cx)),
    rule('conv2d-transpose of quantized operands', 'conv2d-transpose', (node) => floatResult(node, cx)),
    ...quantFloatResults(),
  ];
}

export const absorbQdq = definePass({
  name: 'absorb-qdq',
  doc: 'dequantize, op, quantize becomes one op on stored integers, whoever wrote the QDQ graph.',
  requires: [],
  establishes: [],
  drops: [],
  numerics: 'one-step-per-rewritten-node',
  run(graph: Graph, cx) {
    const absorbed = rewriteGraph(graph, stepRules(cx), cx.hit);
    return rewriteGraph(absorbed, floatResultRules(cx), cx.hit);
  },
});
