/** Functions of one tensor. Of 8 bits they are tables, made here with TFLite's own integer arithmetic. */
import { constant } from '../../ir/build.js';
import type { AttrsOf, Value } from '../../ir/graph.js';
import { allocateNumbers, elementRange, gatherData, type QuantType, quantType } from '../../ir/type.js';
import { broadcastIndex } from '../../ops/broadcast.js';
import { isScalable, MAX_DIM } from '../../ops/softmax-fixed/op.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { dividePowerOfTwo, type FixedPoint, fixedDouble, quantizeMultiplier } from '../../quant/fixed-point.js';
import { logisticFixed, tanhFixed } from '../../quant/gemmlowp.js';
import { hardSwishStored } from '../../quant/hard-swish.js';
import type { OperatorContext, OperatorImporters } from '../importer.js';
import { storedRange } from './activation.js';
import { checkWide, refuseWide, rescaled, wideCurve, wideSoftmax } from './wide.js';

function softmax(cx: OperatorContext): Value {
  const { beta } = cx.options('softmax');
  const y = cx.result();
  if (y.kind === 'float') {
    if (beta !== 1) cx.fail('Q0708', `beta is ${beta}, expected 1 for float32`);
    return cx.make('softmax', { fn: 'softmax', axis: y.shape.length - 1 }, [cx.input(0)], y);
  }
  if (cx.isWide) return wideSoftmax(cx, beta, cx.quantizedResult());
  const { value, type } = cx.quantized(0);
  if (!isScalable(scaleAt(type.affine, 0), beta)) cx.fail('Q0713', `the scale of x times beta is below 2^-26`);
  const last = y.shape.at(-1) ?? 0;
  if (last > MAX_DIM) cx.fail('Q0708', `it has ${last} columns, at most ${MAX_DIM} are supported`);
  const out = cx.quantizedResult();
  checkOutput(cx, out, 2 ** -8, out.element === 's8' ? -128 : 0);
  return cx.make('softmax-fixed', { beta }, [value], out);
}

function checkOutput(cx: OperatorContext, y: QuantType, scale: number, zero: number): void {
  if (scaleAt(y.affine, 0) !== scale || zeroPointAt(y.affine, 0) !== zero)
    cx.fail('Q0713', `its output has another scale than ${scale} or another zero point than ${zero}`);
}

/** y = of(x - zero point of x) + zero point of y, clamped to the range of y, as a table; x and y are int8. */
function table(cx: OperatorContext, y: QuantType, of: (centred: number) => number): Value {
  const { value, type } = cx.quantized(0);
  if (type.element !== 's8' || y.element !== 's8')
    cx.fail('Q0708', `is ${type.element}, expected int8`, cx.inputPart(0));
  const entries = quantType('s8', [256], y.affine);
  const data = allocateNumbers(entries);
  const [zx, zy] = [zeroPointAt(type.affine, 0), zeroPointAt(y.affine, 0)];
  for (let v = -128; v < 128; v++) data[v & 255] = Math.max(y.range[0], Math.min(y.range[1], of(v - zx) + zy));
  return cx.make('lookup', {}, [value, constant('table', { type: entries, data })], y);
}

/** Scale of x over scale of y, divided in float32 or in double. */
function ratio(cx: OperatorContext, y: QuantType, round: (v: number) => number): number {
  return round(scaleAt(cx.quantized(0).type.affine, 0) / scaleAt(y.affine, 0));
}

/** A ratio of scales in fixed point. */
function multiplierOf(cx: OperatorContext, real: number): FixedPoint {
  if (!(real < 2 ** 31))
    cx.fail(
      'Q0701',
      `its scales make it multiply by ${real}: TFLite's 32-bit arithmetic overflows`,
      undefined,
      're-quantize this layer: one of its scales is wrong by orders of magnitude',
    );
  return quantizeMultiplier(real);
}

/** RELU and its kin: rescaled, then limited. */
function limited(least: number, most: number): (cx: OperatorContext) => Value {
  return (cx) => {
    const result = cx.result();
    if (result.kind === 'float') return cx.make('clamp', { min: least, max: most }, [cx.input(0)], result);
    if (least < 0) refuseWide(cx);
    checkWide(cx);
    const out = cx.quantizedResult();
    const multiplier = multiplierOf(cx, ratio(cx, out, Math.fround));
    const y = { ...out, range: storedRange(out, [least, most]) };
    return cx.isWide ? rescaled(cx, y, multiplier) : table(cx, y, (v) => fixedDouble(v, multiplier));
  };
}

/** Input in 4 integer bits of 16, as LOGISTIC and TANH take it; beyond the radius the function is at its end. */
function curve(
  fn: 'sigmoid' | 'tanh',
  fixed: (raw: number, bits: number) => number,
  bits: number,
): (cx: OperatorContext) => Value {
  return (cx) => {
    const y = cx.result();
    if (y.kind === 'float') return cx.make('unary', { fn }, [cx.input(0)], y);
    const out = cx.quantizedResult();
    if (cx.isWide) return wideCurve(cx, fn, out);
    checkOutput(cx, out, 2 ** -bits, fn === 'sigmoid' ? -128 : 0);
    const input = multiplierOf(cx, scaleAt(cx.quantized(0).type.affine, 0) * 2 ** 27);
    const radius = Math.floor((15 * 2 ** 27) / 2 ** input.shift);
    const zero = zeroPointAt(out.affine, 0);
    return table(cx, out, (v) => {
      if (v <= -radius) return -128 - zero;
      if (v >= radius) return 127 - zero;
      return dividePowerOfTwo(fixed(fixedDouble(v, input), 4), 31 - bits);
    });
  };
}

function leakyRelu(cx: OperatorContext): Value {
  const { alpha } = cx.options('leakyRelu');
  const y = cx.result();
  if (y.kind === 'float') {
    const attrs: AttrsOf<'activation'> = { fn: 'leaky-relu', alpha, beta: 0 };
    return cx.make('activation', attrs, [cx.input(0)], y);
  }
  const out = cx.quantizedResult();
  const [sx, sy] = [scaleAt(cx.quantized(0).type.affine, 0), scaleAt(out.affine, 0)];
  const slope = Math.fround(Math.fround(sx * Math.abs(alpha)) / sy);
  const [above, below] = [multiplierOf(cx, Math.fround(sx / sy)), multiplierOf(cx, slope)];
  checkWide(cx);
  if (cx.isWide) return rescaled(cx, out, above, below, alpha < 0);
  const sign = alpha < 0 ? -1 : 1;
  return table(cx, out, (v) => (v >= 0 ? fixedDouble(v, above) : sign * fixedDouble(v, below)));
}

/** The slope stretches to x; what stretches in other dimensions than the first is written out. */
function prelu(cx: OperatorContext): Value {
  const y = cx.result();
  const x = cx.input(0);
  if (y.kind === 'float') return cx.make('binary', { fn: 'prelu' }, [x, cx.input(1)], y);
  refuseWide(cx);
  const alpha = cx.constant(1);
  const { shape } = x.type;
  const own = alpha.type.shape;
  const wide = [...new Array<number>(Math.max(0, shape.length - own.length)).fill(1), ...own];
  if (wide.length > shape.length || wide.some((d, i) => d !== 1 && d !== shape[i]))
    cx.fail('Q0709', `a slope of [${own}] does not stretch to x, [${shape}]`, cx.inputPart(1));
  const first = wide.findIndex((d) => d !== 1);
  const last = first < 0 ? [] : shape.slice(first);
  const type = { ...alpha.type, shape: last };
  const data = gatherData(alpha.data, broadcastIndex(first < 0 ? [] : wide.slice(first), last));
  return cx.make('prelu-fixed', {}, [x, constant(cx.inputPart(1), { type, data })], cx.quantizedResult());
}

function hardSwish(cx: OperatorContext): Value {
  const y = cx.result();
  if (y.kind === 'float') return cx.make('unary', { fn: 'hard-swish' }, [cx.input(0)], y);
  refuseWide(cx);
  const out = cx.quantizedResult();
  const [sx, sy] = [scaleAt(cx.quantized(0).type.affine, 0), scaleAt(out.affine, 0)];
  return table(cx, out, (v) => hardSwishStored(v, sx, sy));
}

/** Stored integers at another scale, int16 from int8 and back too. */
function quantize(cx: OperatorContext): Value {
  const y = cx.quantizedResult();
  if (cx.input(0).type.kind === 'float')
    return cx.make('quantize-away', {}, [cx.input(0)], { ...y, range: elementRange[y.element] });
  const multiplier = multiplierOf(
    cx,
    ratio(cx, y, (v) => v),
  );
  if (cx.isWide || y.element === 's16') return rescaled(cx, y, multiplier);
  return table(cx, y, (v) => fixedDouble(v, multiplier));
}

function dequantize(cx: OperatorContext): Value {
  return cx.make('dequantize', {}, [cx.input(0)], cx.result());
}

const INFINITY = Number.POSITIVE_INFINITY;

export const functions: OperatorImporters = {
  DEQUANTIZE: { version: 3, import: dequantize },
  HARD_SWISH: { version: 1, import: hardSwish },
  LEAKY_RELU: { version: 2, import: leakyRelu },
  LOGISTIC: { version: 3, import: curve('sigmoid', logisticFixed, 8) },
  PRELU: { version: 1, import: prelu },
  QUANTIZE: { version: 3, import: quantize },
  RELU: { version: 3, import: limited(0, INFINITY) },
  RELU6: { version: 3, import: limited(0, 6) },
  RELU_N1_TO_1: { version: 1, import: limited(-1, 1) },
  SOFTMAX: { version: 3, import: softmax },
  TANH: { version: 3, import: curve('tanh', tanhFixed, 7) },
};
