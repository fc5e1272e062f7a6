/**
 * The requantization rules a node can have, by name. Invariant: what turns an accumulator into a stored value is decided
 * here, once for scales (`requantizer`) and once for folded multipliers (`foldedRequantizer`).
 */
import {
  type FixedPoint,
  fixedDouble,
  fixedSingle,
  fixedWide,
  quantizeMultiplier,
  scaleNearest,
} from './fixed-point.js';
import { multiplier, requantize } from './requantize.js';

/**
 * onnx: rne(f32(acc) * f32(f32(sx*sw)/sy)). tflite-double: TFLite's fixed point with two roundings (convolutions).
 * tflite-single: f64(acc) * (sx*sw/sy in f64) to nearest, ties away from zero (fully connected layers).
 * tflite-wide: 15 bits of the fixed-point multiplier, one rounding, ties up (64-bit sums of int16 activations).
 */
export const roundings = ['onnx', 'tflite-double', 'tflite-single', 'tflite-wide'] as const;
export type Rounding = (typeof roundings)[number];

/** accumulator -> stored value. */
export type Requantizer = (acc: number) => number;

/** Where results go: the zero point is added after the rounding, then they are clamped. */
export interface StoredRange {
  readonly zero: number;
  readonly low: number;
  readonly high: number;
}

/** sx * sw / sy as TFLite computes it. */
export function realMultiplier(sx: number, sw: number, sy: number): number {
  return (sx * sw) / sy;
}

function clamped(to: StoredRange, round: (acc: number) => number): Requantizer {
  return (acc) => Math.min(to.high, Math.max(to.low, round(acc) + to.zero));
}

/** Accumulators of products at sx * sw to stored values at sy. */
export function requantizer(rounding: Rounding, sx: number, sw: number, sy: number, to: StoredRange): Requantizer {
  if (rounding === 'onnx') {
    const m = multiplier(sx, sw, sy);
    return (acc) => requantize(acc, m, to.zero, to.low, to.high);
  }
  const real = realMultiplier(sx, sw, sy);
  if (rounding === 'tflite-single') return clamped(to, (acc) => scaleNearest(acc, real));
  const fixed = quantizeMultiplier(real);
  return clamped(to, rounding === 'tflite-wide' ? (acc) => fixedWide(acc, fixed) : (acc) => fixedDouble(acc, fixed));
}

/** The same by folded multipliers: f32[oc] for onnx, s32[oc,2] (multiplier, shift) for the fixed-point rules. */
export function foldedRequantizer(
  rounding: Rounding,
  multipliers: ArrayLike<number>,
  channel: number,
  to: StoredRange,
): Requantizer {
  if (rounding === 'onnx') return (acc) => requantize(acc, multipliers[channel], to.zero, to.low, to.high);
  const fixed: FixedPoint = { multiplier: multipliers[2 * channel], shift: multipliers[2 * channel + 1] };
  return clamped(
    to,
    rounding === 'tflite-double' ? (acc) => fixedDouble(acc, fixed) : (acc) => fixedSingle(acc, fixed),
  );
}
