/** Integer elements: their limits, and arithmetic that wraps. Twin of `qcc_integer_apply` in the scalar kernels. */
import { type Element, elementBytes } from '../ir/type.js';

export function bitsOf(element: Element): number {
  return element === 's4' || element === 'u4' ? 4 : elementBytes[element] * 8;
}

export function isSigned(element: Element): boolean {
  return element.startsWith('s');
}

/** Smallest and largest value of an integer element. */
export function integerLimits(element: Element): readonly [bigint, bigint] {
  const bits = BigInt(bitsOf(element));
  return isSigned(element) ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n];
}

/** The low bits of an integer as a value of the element. */
export function wrapInteger(value: bigint, element: Element): bigint {
  return isSigned(element) ? BigInt.asIntN(bitsOf(element), value) : BigInt.asUintN(bitsOf(element), value);
}

/**
 * A float as an integer, before wrapping: truncated towards zero. What does not fit gives what x86 gives, and with it
 * ONNX Runtime: the smallest 32-bit integer, for u32 and 64-bit elements the smallest 64-bit one (u64 holds 2^63 .. 2^64 too).
 */
export function truncateToInteger(value: number, element: Element): bigint {
  if (element === 'u64' && value >= 2 ** 63) return value < 2 ** 64 ? BigInt(Math.trunc(value)) : 0n;
  const bits = element === 'u32' || bitsOf(element) === 64 ? 64 : 32;
  const whole = Math.trunc(value);
  return whole >= -(2 ** (bits - 1)) && whole < 2 ** (bits - 1) ? BigInt(whole) : -(1n << BigInt(bits - 1));
}

/** The nearest float32 of an integer, rounded once: bits below the 40 highest only tell that the rest is not zero. */
export function integerToF32(value: bigint): number {
  const size = value < 0n ? -value : value;
  const shift = size.toString(2).length - 40;
  if (shift <= 0) return Math.fround(Number(value));
  const kept = size >> BigInt(shift);
  const sticky = kept << BigInt(shift) === size ? 0n : 1n;
  const rounded = Math.fround(Number(kept | sticky) * 2 ** shift);
  return value < 0n ? -rounded : rounded;
}

/** Remainder with the sign of b; 0 for b = 0. */
function floorMod(a: bigint, b: bigint): bigint {
  const rest = b === 0n ? 0n : a % b;
  return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
}

/** a^n, the low 64 bits; 1 / a^-n truncated for n < 0, 0 for a = 0. */
function power(a: bigint, n: bigint): bigint {
  if (n < 0n) return a === 1n ? 1n : a === -1n ? (n % 2n === 0n ? 1n : -1n) : 0n;
  let p = 1n;
  let square = a;
  for (let left = n; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) p = BigInt.asIntN(64, p * square);
    square = BigInt.asIntN(64, square * square);
  }
  return p;
}

/** Before wrapping; shifts count for unsigned elements. */
export const integerFunctions = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => (b === 0n ? 0n : a / b),
  min: (a, b) => (a < b ? a : b),
  max: (a, b) => (a > b ? a : b),
  pow: power,
  prelu: (a, b) => (a >= 0n ? a : a * b),
  fmod: (a, b) => (b === 0n ? 0n : a % b),
  mod: floorMod,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  'shift-left': (a, b) => (b < 64n ? a << b : 0n),
  'shift-right': (a, b) => a >> b,
} as const satisfies Readonly<Record<string, (a: bigint, b: bigint) => bigint>>;
