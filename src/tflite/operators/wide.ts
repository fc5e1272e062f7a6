/** What operators make of int16 tensors where 8 bits have tables. TFLite's int16 has no zero points. */
import type { Value } from '../../ir/graph.js';
import { type QuantType, sameAffine } from '../../ir/type.js';
import { curveFixed } from '../../ops/curve-fixed/op.js';
import { MOST_COLUMNS } from '../../ops/softmax-wide/op.js';
import { scaleAt } from '../../quant/affine.js';
import { type FixedPoint, quantizeMultiplier } from '../../quant/fixed-point.js';
import type { Curve } from '../../quant/wide-functions.js';
import type { OperatorContext } from '../importer.js';

const HELP = 'convert the model with int16 on both sides of this operator, or with int8';

/** Fails where an int16 operator has another type on one side. Reads the inputs, so that `--rounding onnx` is refused too. */
export function checkWide(cx: OperatorContext): void {
  if (!cx.isWide) return;
  const y = cx.result();
  if (y.element !== 's16') cx.fail('Q0730', `takes int16 and makes ${y.element}`, undefined, HELP);
}

/** The operator has no int16 form in TFLite's reference kernels. */
export function refuseWide(cx: OperatorContext): void {
  if (cx.isWide) cx.fail('Q0730', "TFLite's reference kernels do not take int16 here", undefined, HELP);
}

/** y = (x - Zx) * above + Zy, or * below under the zero point; true if int16 takes part. */
export function rescaled(
  cx: OperatorContext,
  y: QuantType,
  above: FixedPoint,
  below: FixedPoint = above,
  negates = false,
): Value {
  const { value } = cx.quantized(0);
  const attrs = { above: [above.multiplier, above.shift], below: [below.multiplier, below.shift], negates };
  return cx.make('rescale-fixed', attrs, [value], y);
}

/** Stored values of one scale limited to the range of `y`. */
export function limitedWide(cx: OperatorContext, x: Value, y: QuantType): Value {
  const own = x.type;
  if (own.kind !== 'quant' || (own.range[0] >= y.range[0] && own.range[1] <= y.range[1])) return x;
  const one = quantizeMultiplier(1);
  const attrs = { above: [one.multiplier, one.shift], below: [one.multiplier, one.shift], negates: false };
  if (!sameAffine(own.affine, y.affine)) throw new TypeError('limits keep the scale');
  return cx.make('rescale-fixed', attrs, [x], y);
}

function checkUnit(cx: OperatorContext, y: QuantType): void {
  checkWide(cx);
  if (scaleAt(y.affine, 0) !== 2 ** -15) cx.fail('Q0713', 'its output has another scale than 2^-15', undefined, HELP);
}

export function wideCurve(cx: OperatorContext, fn: Curve, y: QuantType): Value {
  checkUnit(cx, y);
  const { value } = cx.quantized(0);
  const [problem] = curveFixed.check({ fn }, [value.type], [y]);
  if (problem !== undefined) cx.fail('Q0732', problem, undefined, 're-quantize this layer');
  return cx.make('curve-fixed', { fn }, [value], y);
}

export function wideSoftmax(cx: OperatorContext, beta: number, y: QuantType): Value {
  checkUnit(cx, y);
  const { value, type } = cx.quantized(0);
  const last = type.shape.at(-1) ?? 0;
  if (last > MOST_COLUMNS) cx.fail('Q0732', `it has ${last} columns, at most ${MOST_COLUMNS} are supported`);
  return cx.make('softmax-wide', { beta }, [value], y);
}
