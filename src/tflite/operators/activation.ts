/** Activations that TFLite fuses into an operator: a narrower range of stored values, or a clamp of floats. */
import type { Value } from '../../ir/graph.js';
import { elementRange, type QuantType, type TensorType } from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { roundAway } from '../../quant/fixed-point.js';
import type { OperatorContext } from '../importer.js';
import { activations } from '../schema.js';

/** Smallest and largest real of an activation. */
const limits: Readonly<Record<string, readonly [number, number]>> = {
  NONE: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  RELU: [0, Number.POSITIVE_INFINITY],
  RELU_N1_TO_1: [-1, 1],
  RELU6: [0, 6],
};

function limitsOf(cx: OperatorContext, activation: number): readonly [number, number] {
  const name = activations[activation];
  return (
    limits[name ?? ''] ??
    cx.fail('Q0708', `the fused activation ${name ?? activation} is not supported`, undefined, 'convert it unfused')
  );
}

/** The stored values a fused activation lets through: TFLite's round(real / scale) + zero point, in float32. */
export function activated(cx: OperatorContext, activation: number, y: QuantType): QuantType {
  return { ...y, range: storedRange(y, limitsOf(cx, activation)) };
}

export function storedRange(y: QuantType, [least, most]: readonly [number, number]): readonly [number, number] {
  const [low, high] = elementRange[y.element];
  const stored = (real: number) => roundAway(Math.fround(real / scaleAt(y.affine, 0))) + zeroPointAt(y.affine, 0);
  const from = Number.isFinite(least) ? Math.max(low, stored(least)) : low;
  const to = Number.isFinite(most) ? Math.min(high, stored(most)) : high;
  return [Math.min(from, high), Math.max(to, Math.min(from, high))];
}

/** `y`, limited as the activation says. */
export function clampedFloat(cx: OperatorContext, activation: number, y: Value): Value {
  const [min, max] = limitsOf(cx, activation);
  return activations[activation] === 'NONE' ? y : cx.make('clamp', { min, max }, [y], y.type);
}

/** The type an operator makes before its activation: the declared one, or for integers the range it lets through. */
export function resultBefore(cx: OperatorContext, activation: number): TensorType {
  const y = cx.result();
  return y.kind === 'quant' ? activated(cx, activation, cx.quantizedResult()) : y;
}
