/**
 * TFLite's requantization: a 31-bit integer multiplier and a shift; twin of the fixed-point part of
 * `runtime-c/include/qcc/requantize.h`. Invariant: the functions agree with it bit for bit on every input its contract
 * allows; integers are exact.
 *
 * Which rule an operator has is what LiteRT's reference kernels do: convolutions round twice in fixed point; fully connected
 * layers scale in double and round to nearest, ties away from zero. The second rule needs no double at run time:
 * `nearestPair` finds a multiplier with the same answer for every accumulator that can occur.
 */

/** multiplier * 2^(shift - 31): 2^30 <= multiplier < 2^31, or both 0. */
export interface FixedPoint {
  readonly multiplier: number;
  readonly shift: number;
}

/** Exponent e with 2^(e-1) <= value < 2^e, as C's frexp gives it. */
function exponentOf(value: number): number {
  let exponent = Math.ceil(Math.log2(value));
  while (2 ** exponent <= value) exponent++;
  while (2 ** (exponent - 1) > value) exponent--;
  return exponent;
}

/** TFLite's QuantizeMultiplier. @param real >= 0, and finite: others throw RangeError. */
export function quantizeMultiplier(real: number): FixedPoint {
  if (!(real >= 0 && real < Number.POSITIVE_INFINITY)) throw new RangeError(`${real} is no multiplier`);
  if (real === 0) return { multiplier: 0, shift: 0 };
  const exponent = exponentOf(real);
  const rounded = Math.round(real * 2 ** (31 - exponent));
  const [multiplier, shift] = rounded === 2 ** 31 ? [2 ** 30, exponent + 1] : [rounded, exponent];
  return shift < -31 ? { multiplier: 0, shift: 0 } : { multiplier, shift };
}

/** floor(a * b / 2^bits + rounded up half), for int32 a and b. */
function scaled(a: number, b: number, half: bigint, bits: number): number {
  return Number((BigInt(a) * BigInt(b) + half) >> BigInt(bits));
}

/** Nearest integer to value / 2^exponent, ties away from zero. */
export function dividePowerOfTwo(value: number, exponent: number): number {
  return roundAway(value / 2 ** exponent);
}

/** Nearest integer, ties away from zero, never -0. */
export function roundAway(value: number): number {
  const size = Math.abs(value);
  const whole = Math.floor(size);
  const rounded = size - whole >= 0.5 ? whole + 1 : whole;
  return value < 0 && rounded !== 0 ? -rounded : rounded;
}

/** High half of the doubled product of two int32, to nearest, ties up: gemmlowp's SaturatingRoundingDoublingHighMul. */
export function doublingHighMultiply(a: number, b: number): number {
  // In halves of b, so that every number stays below 2^53.
  const low = b % 2 ** 16;
  return Math.floor((a * ((b - low) / 2 ** 16) + Math.floor((a * low + 2 ** 30) / 2 ** 16)) / 2 ** 15);
}

/** TFLite's MultiplyByQuantizedMultiplier with its two roundings. acc * 2^max(shift, 0) fits int32. */
export function fixedDouble(acc: number, { multiplier, shift }: FixedPoint): number {
  return dividePowerOfTwo(doublingHighMultiply(acc * 2 ** Math.max(shift, 0), multiplier), Math.max(-shift, 0));
}

/** The 15 bits of a multiplier that TFLite scales 64-bit sums by. */
export function wideMultiplier(multiplier: number): number {
  return multiplier < 0x7fff0000 ? Math.floor((multiplier + 2 ** 15) / 2 ** 16) : 0x7fff;
}

/**
 * TFLite's MultiplyByQuantizedMultiplier of a 64-bit sum below 2^47: the multiplier cut to 15 bits, one rounding, ties up,
 * of which the low 32 bits are kept.
 */
export function fixedWide(acc: number, { multiplier, shift }: FixedPoint): number {
  const bits = 15 - shift;
  const product = acc * wideMultiplier(multiplier);
  // Number is exact below 2^53; | 0 keeps 32 bits of any number it holds.
  if (Math.abs(product) < 2 ** 52 && bits <= 52) return Math.floor((product + 2 ** (bits - 1)) / 2 ** bits) | 0;
  const exact = BigInt(acc) * BigInt(wideMultiplier(multiplier)) + (1n << BigInt(bits - 1));
  return Number(BigInt.asIntN(32, exact >> BigInt(bits)));
}

/** acc * multiplier * 2^(shift - 31) to nearest, ties away from zero. */
export function fixedSingle(acc: number, { multiplier, shift }: FixedPoint): number {
  const bits = 31 - shift;
  return scaled(acc, multiplier, (1n << BigInt(bits - 1)) - (acc < 0 ? 1n : 0n), bits);
}

/** The rule of LiteRT's fully connected layers: f64(acc) * real to nearest, ties away from zero. */
export function scaleNearest(acc: number, real: number): number {
  return roundAway(acc * real);
}

/** Smallest integer in [low, high] for which the monotone `holds` is true; high + 1 if there is none. */
function firstWhere(low: number, high: number, holds: (value: number) => boolean): number {
  let [from, to] = [low, high + 1];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (holds(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** For a >= 0, b > 0. */
const ceilDivide = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;

/**
 * The multiplier with which `fixedSingle` answers what `scaleNearest(acc, real)` answers for every acc in [low, high], as
 * far as results in [least, most] tell them apart; undefined if no 31-bit multiplier does.
 *
 * Both are step functions that never fall. For each step v the smallest acc that reaches it, T, bounds the multiplier m:
 * T must reach v and T - 1 must not, that is T * m against v - 1/2 on one side and (T - 1) * m on the other. The answer
 * is the multiplier nearest to `real` that all steps allow.
 */
export function nearestPair(
  real: number,
  low: number,
  high: number,
  least: number,
  most: number,
): FixedPoint | undefined {
  const { multiplier, shift } = quantizeMultiplier(real);
  // In units of 2^(shift - 32): v - 1/2 is (2v - 1) * 2^(31 - shift).
  const unit = 1n << BigInt(31 - shift);
  let lowest = multiplier === 0 ? 0n : 1n << 30n;
  let highest = multiplier === 0 ? 0n : (1n << 31n) - 1n;
  const atLeast = (m: bigint) => {
    if (m > lowest) lowest = m;
  };
  const atMost = (m: bigint) => {
    if (m < highest) highest = m;
  };
  const first = Math.max(least, scaleNearest(low, real)) + 1;
  const last = Math.min(most, scaleNearest(high, real));
  for (let v = first; v <= last; v++) {
    const t = firstWhere(low, high, (acc) => scaleNearest(acc, real) >= v);
    const edge = BigInt(2 * v - 1) * unit;
    const reached = 2n * BigInt(t);
    const missed = reached - 2n;
    if (v > 0) {
      // t * m >= v - 1/2 and (t - 1) * m < v - 1/2
      atLeast(ceilDivide(edge, reached));
      if (missed > 0n) atMost((edge - 1n) / missed);
    } else {
      // A tie goes down: t * m > v - 1/2 and (t - 1) * m <= v - 1/2, both sides negative.
      if (reached < 0n) atMost((-edge - 1n) / -reached);
      atLeast(ceilDivide(-edge, -missed));
    }
  }
  if (lowest > highest) return undefined;
  const wanted = BigInt(multiplier);
  const chosen = wanted < lowest ? lowest : wanted > highest ? highest : wanted;
  return { multiplier: Number(chosen), shift };
}
