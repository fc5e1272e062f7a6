/**
 * The fixed-point functions TFLite takes from gemmlowp: exp, 1/(1+x), tanh, logistic. Invariant: every intermediate number
 * is an int32 with the rounding gemmlowp gives it, so tables made here hold TFLite's own bytes. The part that runs on the
 * target (`reciprocal`) has a twin in `runtime-c/include/qcc/fixed_point.h`.
 *
 * A raw number r with n integer bits means r * 2^(n - 31).
 */
import { dividePowerOfTwo, doublingHighMultiply } from './fixed-point.js';

const MAX = 2147483647;
const MIN = -2147483648;

/** Product of raw numbers; integer bits add up. The only product that overflows is MIN * MIN. */
function multiply(a: number, b: number): number {
  return a === MIN && b === MIN ? MAX : doublingHighMultiply(a, b);
}

/** raw * 2^exponent: saturating to the left, rounded (ties away from zero) to the right. */
function scaledByPower(raw: number, exponent: number): number {
  if (exponent < 0) return dividePowerOfTwo(raw, -exponent);
  return Math.max(MIN, Math.min(MAX, raw * 2 ** exponent));
}

/** exp(a) for a in [-1/4, 0), 0 integer bits: a Taylor series around -1/8. */
function expQuarter(a: number): number {
  const constant = 1895147668;
  const third = 715827883;
  const x = a + (1 << 28);
  const x2 = multiply(x, x);
  const x3 = multiply(x2, x);
  const x4 = multiply(x2, x2);
  const tail = scaledByPower(multiply(scaledByPower(x4, -2) + x3, third) + x2, -1);
  return constant + multiply(constant, x + tail);
}

/** exp(-2^e) for e = -2, -1, ..., 4, 0 integer bits. */
const POWERS = [1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242] as const;

/** exp of a raw number a <= 0 with `bits` integer bits, as a raw number with none. */
export function expOnNegative(a: number, bits: number): number {
  if (a === 0) return MAX;
  const fraction = 31 - bits;
  const quarter = 2 ** (fraction - 2);
  const part = (a & (quarter - 1)) - quarter;
  const rest = part - a;
  let result = expQuarter(scaledByPower(part, bits));
  for (const [i, power] of POWERS.entries()) {
    const exponent = i - 2;
    if (bits > exponent && (rest & (2 ** (fraction + exponent))) !== 0) result = multiply(result, power);
  }
  return bits > 5 && a < -(2 ** (36 - bits)) ? 0 : result;
}

/** x with 2 integer bits, so that x is 1 / ((1 + a) / 2): three steps of Newton and Raphson. */
function newton(a: number): number {
  const sum = a + MAX;
  const half = Math.trunc((sum + (sum >= 0 ? 1 : -1)) / 2);
  const one = 1 << 29;
  let x = 1515870810 + multiply(half, -1010580540);
  for (let i = 0; i < 3; i++) x += scaledByPower(multiply(x, one - multiply(half, x)), 2);
  return x;
}

/** 1 / (1 + a) for a in [0, 1], both with 0 integer bits. */
export function reciprocalOfOnePlus(a: number): number {
  return scaledByPower(newton(a), 1);
}

/** (1 - a) / (1 + a) for a in [0, 1], both with 0 integer bits. */
function oneMinusOverOnePlus(a: number): number {
  return scaledByPower(newton(a) - (1 << 29), 2);
}

/** tanh of a raw number with `bits` integer bits, 0 integer bits. */
export function tanhFixed(a: number, bits: number): number {
  if (a === 0) return 0;
  const positive = oneMinusOverOnePlus(expOnNegative(a < 0 ? a : -a, bits + 1));
  return a < 0 ? -positive : positive;
}

/** 1 / (1 + exp(-a)) of a raw number with `bits` integer bits, 0 integer bits. */
export function logisticFixed(a: number, bits: number): number {
  if (a === 0) return 1 << 30;
  const positive = reciprocalOfOnePlus(expOnNegative(a < 0 ? a : -a, bits));
  return a < 0 ? MAX - positive : positive;
}

/** 1 / value of a raw number with `bits` integer bits: raw with 0 integer bits, to be divided by 2^exponent. */
export function reciprocal(raw: number, bits: number): { readonly scale: number; readonly exponent: number } {
  const zeros = Math.clz32(raw);
  return { scale: reciprocalOfOnePlus(Number((BigInt(raw) << BigInt(zeros)) - (1n << 31n))), exponent: bits - zeros };
}

/** Product of two raw numbers without integer bits. */
export function multiplyFixed(a: number, b: number): number {
  return multiply(a, b);
}
