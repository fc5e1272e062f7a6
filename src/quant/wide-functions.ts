/**
 * TFLite's functions of int16: interpolated tables. Invariant: every intermediate number is the integer of TFLite's reference
 * kernels; the tables are made here with the roundings of its own, and the parts that run on the target have twins in
 * `runtime-c/isa/scalar/functions_s16.h`.
 */
import { type FixedPoint, fixedDouble, roundAway } from './fixed-point.js';

/** Entries of TFLite's table that are one above the nearest integer. Found by asking LiteRT for tanh at the steps. */
const ABOVE: ReadonlySet<number> = new Set([
  4, 8, 12, 14, 15, 16, 17, 19, 20, 21, 22, 25, 27, 28, 29, 30, 31, 33, 34, 35, 37, 39, 40, 41, 43, 44, 45, 46, 49, 50,
  54, 62, 63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255,
]);

/** Entry i: the sigmoid of i / 24 in units of 2^-16, as TFLite has it. tanh(x) = 2 sigmoid(2x) - 1 reads it too. */
export function sigmoidTable(): Uint16Array {
  return Uint16Array.from(
    { length: 256 },
    (_, i) => Math.round(65536 / (1 + Math.exp(-i / 24))) + (ABOVE.has(i) ? 1 : 0),
  );
}

export type Curve = 'sigmoid' | 'tanh';

/** x * multiplier / 2^right: x in units of 1 / (24 * 512) for the sigmoid, of 1 / (48 * 256) for tanh. */
export interface CurveScale {
  readonly multiplier: number;
  readonly right: number;
}

/**
 * TFLite's choice for an input scale: powers of two are exact, others keep 15 bits of scale * 3 * 4096, truncated.
 * Undefined for a scale whose products would leave 32 bits.
 */
export function curveScale(scale: number): CurveScale | undefined {
  const left = Math.log2(scale) + 12;
  if (left === 0 || left === 1) return { multiplier: 3 * 2 ** left, right: 0 };
  let real = scale * 3 * 4096;
  let right = 0;
  while (real <= 32767 / 2 && right <= 30) {
    right++;
    real *= 2;
  }
  const multiplier = Math.trunc(real);
  return multiplier < 2 ** 16 ? { multiplier, right } : undefined;
}

/** The stored value (unit 2^-15) of a curve at stored x. */
export function curveStored(fn: Curve, table: ArrayLike<number>, x: number, { multiplier, right }: CurveScale): number {
  const scaled = Math.floor((x * multiplier + (right > 0 ? 2 ** (right - 1) : 0)) / 2 ** right);
  const size = Math.abs(scaled);
  const bits = fn === 'sigmoid' ? 9 : 8;
  const at = Math.floor(size / 2 ** bits);
  const rest = size % 2 ** bits;
  const end = fn === 'sigmoid' ? 0x7fff * 1024 : 0xffff * 256;
  const value = at >= 255 ? end : table[at] * 2 ** bits + rest * (table[at + 1] - table[at]);
  if (fn === 'sigmoid') return Math.floor((scaled >= 0 ? value + 512 : 2 ** 25 - value + 511) / 1024);
  return Math.floor((scaled >= 0 ? value - 2 ** 23 + 128 : 2 ** 23 - value + 127) / 256);
}

/**
 * TFLite's table of a function over all of int16: 512 steps and the end. Entries are moved by half of what the middle of their
 * step misses. @param low, @param high the reals of the smallest and largest int16; float32 arithmetic, as TFLite has it.
 */
function stepTable(low: number, high: number, unit: number, of: (real: number) => number): Int16Array {
  const f = Math.fround;
  const step = f(f(high - low) / 512);
  const half = f(step / 2);
  const scale = f(65536 / f(f(unit * 32767) - f(unit * -32768)));
  const at = (real: number) => f(f(of(f(real))) * scale);
  const clamped = (v: number) => Math.max(-32768, Math.min(32767, v));
  return Int16Array.from({ length: 513 }, (_, i) => {
    if (i === 512) return clamped(roundAway(at(high)));
    const start = f(low + f(i * step));
    const value = roundAway(at(start));
    const between = roundAway(f(f(at(f(low + f((i + 1) * step))) + value) / 2));
    const middle = roundAway(at(f(start + half)));
    return clamped(value - roundAway((between - middle) / 2));
  });
}

/** exp of -10..0. */
export function exponentialTable(): Int16Array {
  const scale = Math.fround(10 / 65535);
  const zero = 32767;
  const real = (v: number) => Math.fround(scale * (v - zero));
  return stepTable(real(-32768), real(32767), Math.fround(2 / 65535), Math.exp);
}

/** 1 / (1 + x) for x in 0..1. */
export function reciprocalTable(): Int16Array {
  const scale = Math.fround(1 / 65535);
  const zero = -32768;
  const real = (v: number) => Math.fround(scale * (v - zero));
  return stepTable(real(-32768), real(32767), Math.fround(2 / 65535), (x) => Math.fround(1 / Math.fround(1 + x)));
}

/** Table entry of an int16, interpolated over 128 values. */
function interpolated(table: ArrayLike<number>, value: number): number {
  const at = 256 + Math.floor(value / 128);
  const rest = value - Math.floor(value / 128) * 128;
  return table[at] + Math.floor(((table[at + 1] - table[at]) * rest + 64) / 128);
}

const saturated = (v: number): number => Math.max(-32768, Math.min(32767, v));

/** Stored softmax (unit 2^-15) of one row, whose length is not 0. */
export function softmaxRow(
  x: ArrayLike<number>,
  input: FixedPoint,
  exponentials: ArrayLike<number>,
  reciprocals: ArrayLike<number>,
): number[] {
  const max = Array.from(x).reduce((a, b) => Math.max(a, b));
  const powers = Array.from(x, (v) => interpolated(exponentials, saturated(fixedDouble(v - max, input) + 32767)));
  const sum = powers.reduce((a, b) => a + b, 0);
  const headroom = Math.clz32(sum);
  const shifted = Math.floor((sum * 2 ** (headroom - 1) + 2 ** 13) / 2 ** 14);
  const reciprocal = interpolated(reciprocals, saturated(shifted - (2 ** 15 + 2 ** 16)));
  const right = 31 - headroom;
  return powers.map((p) => Math.max(0, Math.min(32767, Math.floor((p * reciprocal + 2 ** (right - 1)) / 2 ** right))));
}
