/** What accumulators of emitted constants can reach, and what requantization makes of it. Exact integers in doubles. */
import { rne } from './model-layer.js';
import type { WeightShape } from './unpack.js';

export interface Bounds {
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Over every partial sum, whatever the order. */
  readonly partialLow: number;
  readonly partialHigh: number;
}

export function boundsOf(
  shape: WeightShape,
  w: ArrayLike<number>,
  bias: ArrayLike<number>,
  x: readonly number[],
): Bounds {
  const cells = shape.kh * shape.kw * shape.cg;
  const low = new Float64Array(shape.oc);
  const high = new Float64Array(shape.oc);
  let [partialLow, partialHigh] = [0, 0];
  for (let o = 0; o < shape.oc; o++) {
    let [least, most, below, above] = [bias[o], bias[o], Math.min(0, bias[o]), Math.max(0, bias[o])];
    for (let i = o * cells; i < (o + 1) * cells; i++) {
      const ends = w[i] < 0 ? [w[i] * x[1], w[i] * x[0]] : [w[i] * x[0], w[i] * x[1]];
      least += ends[0];
      most += ends[1];
      below += Math.min(0, ends[0]);
      above += Math.max(0, ends[1]);
    }
    low[o] = least;
    high[o] = most;
    partialLow = Math.min(partialLow, below);
    partialHigh = Math.max(partialHigh, above);
  }
  return { low, high, partialLow, partialHigh };
}

/** clamp(rne(f32(f32(acc) * m)) + zero, min, max) */
export function requantized(acc: number, m: number, zero: number, min: number, max: number): number {
  return clamped(rne(Math.fround(Math.fround(acc) * m)), zero, min, max);
}

export function clamped(value: number, zero: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value + zero));
}

/** Nearest integer to value / 2^bits, ties away from zero. */
function shifted(value: bigint, bits: bigint): bigint {
  const magnitude = value < 0n ? -value : value;
  const quotient = bits === 0n ? magnitude : (magnitude + (1n << (bits - 1n))) >> bits;
  return value < 0n ? -quotient : quotient;
}

/** acc * multiplier * 2^(shift - 31), rounded once (1), or as TFLite's reference does: at bit 31, then at the shift (2). */
export function fixedPoint(acc: number, multiplier: number, shift: number, roundings: 1 | 2): number {
  const product = BigInt(acc) * BigInt(multiplier);
  if (roundings === 1) return Number(shifted(product, BigInt(31 - shift)));
  const left = BigInt(Math.max(shift, 0));
  // The first rounding sends ties up, also below zero.
  const high = ((product << left) + (1n << 30n)) >> 31n;
  return Number(shifted(high, BigInt(Math.max(-shift, 0))));
}

/** Largest |acc * m|. */
export function largestProduct(bounds: Bounds, m: ArrayLike<number>): number {
  return bounds.low.reduce((best, low, o) => Math.max(best, Math.max(-low, bounds.high[o], 0) * Math.abs(m[o])), 0);
}

/** The largest |x * a + x' * b| of two neighbouring products, for the proof that 16 bits hold it. */
export function largestPair(shape: WeightShape, w: ArrayLike<number>, xMax: number): number {
  const cells = shape.kh * shape.kw * shape.cg;
  let largest = 0;
  for (let o = 0; o < shape.oc; o++)
    for (let i = 0; i < cells; i += 2) {
      const pair = [w[o * cells + i], i + 1 < cells ? w[o * cells + i + 1] : 0];
      const positive = pair.reduce((sum, v) => sum + Math.max(v, 0), 0);
      const negative = pair.reduce((sum, v) => sum + Math.max(-v, 0), 0);
      largest = Math.max(largest, xMax * Math.max(positive, negative));
    }
  return largest;
}
