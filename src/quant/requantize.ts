/**
 * THE rounding rule; twin of `runtime-c/include/qcc/requantize.h`. Invariant: the two agree bit for bit on every input
 * the C contract allows. Float arguments are float32 values; integers are exact.
 *
 * The product and the quotient of two float32 in double, rounded once more to float32, are the float32 product and
 * quotient: 53 >= 2 * 24 + 2 bits leave no room for double rounding.
 */

/** Adding and taking away 1.5 * 2^52 leaves the nearest integer, ties to even, of any number below 2^51. */
const ROUNDER = 6755399441055744;

/** Nearest integer, ties to even, never -0. NaN and infinities stay what they are. */
export function roundHalfEven(value: number): number {
  return Math.abs(value) < 2251799813685248 ? value + ROUNDER - ROUNDER : value;
}

/** Float32 multiplier of a requantization from scale `xs * ws` to `ys`: f32(f32(xs * ws) / ys). */
export function multiplier(xs: number, ws: number, ys: number): number {
  return Math.fround(Math.fround(xs * ws) / ys);
}

/** clamp(rne(value) + zp, lo, hi); NaN becomes lo, which is what ONNX Runtime stores on x86. */
export function roundToStored(value: number, zp: number, lo: number, hi: number): number {
  const q = roundHalfEven(value) + zp;
  if (q >= hi) return hi;
  return q > lo ? q : lo;
}

/** int32 accumulator -> stored value: clamp(rne(f32(f32(acc) * m)) + zp, lo, hi). */
export function requantize(acc: number, m: number, zp: number, lo: number, hi: number): number {
  return roundToStored(Math.fround(Math.fround(acc) * m), zp, lo, hi);
}

/** Real -> stored value: clamp(rne(f32(x / scale)) + zp, lo, hi). Rounded first; then the zero point is added. */
export function quantizeValue(x: number, scale: number, zp: number, lo: number, hi: number): number {
  return roundToStored(Math.fround(x / scale), zp, lo, hi);
}

/** Stored value -> real: f32(f32(q - zp) * scale). */
export function dequantizeValue(q: number, scale: number, zp: number): number {
  return Math.fround(Math.fround(q - zp) * scale);
}

/**
 * Real with the zero point inside the rounding -> stored value: clamp(rne(f32(v + zp)), lo, hi). ONNX Runtime's x86 kernels
 * see an s8 result as the u8 one 128 above it, so the sum is rounded to float32 up there.
 */
export function roundWithZero(v: number, zp: number, lo: number, hi: number, isSigned: boolean): number {
  const up = isSigned ? 128 : 0;
  return roundToStored(Math.fround(v + (zp + up)), 0, lo + up, hi + up) - up;
}
