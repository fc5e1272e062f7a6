/**
 * 1 / (1 + e^-x), and the e^x of a softmax, in float32; twin of `runtime-c/include/qcc/sigmoid.h`. Invariant: the same operations in the same order,
 * so the same bits. Error below 2 units in the last place, never falling as x grows; where the result would be no normal
 * float it is 0 (decision 0058).
 */
import { fma32 } from './fma.js';

/** Of v = -x: below, 1 + e^v is 1; above the other, 1 / (1 + e^v) < 2^-126. */
const LEAST = -30;
const MOST = Math.fround(87.33654);
/** Of x: above, e^x is a normal float. */
const SOFTMAX_LEAST = -87;
const LOG2E = Math.fround(1.44269502);
const LN2_HIGH = Math.fround(0.693147182);
const LN2_LOW = Math.fround(-1.90465421e-9);
/** Adding it leaves a whole number. */
const SHIFT = 12582912;
/** (e^r - 1 - r) / r^2, the highest power first. */
const series = Float32Array.of(0.00138204114, 0.00836867746, 0.0416682698, 0.166665211, 0.49999994);

/** e^v = t (1 + p) */
function expParts(v: number): { readonly t: number; readonly p: number } {
  const k = fma32(v, LOG2E, SHIFT) - SHIFT;
  const r = fma32(-k, LN2_LOW, fma32(-k, LN2_HIGH, v));
  const q = series.subarray(1).reduce((sum, next) => fma32(sum, r, next), series[0]);
  return { t: 2 ** k, p: fma32(Math.fround(r * r), q, r) };
}

export function sigmoid32(x: number): number {
  const v = x > -LEAST ? LEAST : -x;
  if (v > MOST) return 0;
  const { t, p } = expParts(v);
  return Math.fround(1 / Math.fround(Math.max(t, 1) + fma32(t, p, Math.min(t, 1))));
}

/** The e^x of a softmax, x <= 0: error below 1.5 units in the last place, 0 below -87. */
export function softmaxExp32(x: number): number {
  if (x < SOFTMAX_LEAST) return 0;
  const { t, p } = expParts(x);
  return t * Math.fround(1 + p);
}
