/**
 * Float functions whose bits are ours: the twin of runtime-c/include/qcc/math.h. Evaluated in double with + - * / only,
 * in one fixed order, then rounded to float32.
 *
 * The `64` functions have a relative error below 2^-50 (`log64` and what is made of it 2^-51), measured against 50 digits.
 * The `32` functions therefore round correctly but for about one argument in 10^7; `pow32` says its own bound. Which of
 * the NaNs a NaN result is, is not specified.
 */

const LOG2E = 1.4426950408889634;
/** ln 2 in two parts; the first has 32 significant bits, so k * LN2_HIGH is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const factorials: readonly number[] = Array.from({ length: 14 }, (_, n) => {
  let f = 1;
  for (let i = 2; i <= n; i++) f *= i;
  return 1 / f;
});
/** 1/3, 1/5, ...: atanh(s) = s + s^3/3 + s^5/5 + ... */
const oddReciprocals: readonly number[] = Array.from({ length: 11 }, (_, n) => 1 / (2 * n + 3));
const view = new DataView(new ArrayBuffer(8));

/** Nearest integer, ties to even, for |x| < 2^51. */
function nearest(x: number): number {
  return x + 6755399441055744 - 6755399441055744;
}

/** 2^k for -1022 <= k <= 1023. */
function power2(k: number): number {
  view.setUint32(0, (k + 1023) << 20);
  view.setUint32(4, 0);
  return view.getFloat64(0);
}

/** coefficients[0] + coefficients[1] x + ... by Horner's rule, from `degree` down. */
export function horner(coefficients: readonly number[], degree: number, x: number): number {
  let p = coefficients[degree];
  for (let i = degree - 1; i >= 0; i--) p = p * x + coefficients[i];
  return p;
}

/** exp in double: Cody-Waite reduction by ln 2, Taylor polynomial of degree 12 on |r| <= 0.3466. */
export function exp64(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 709) return Number.POSITIVE_INFINITY;
  if (x < -708) return 0;
  const k = nearest(x * LOG2E);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  return horner(factorials, 12, r) * power2(k);
}

/** exp(x) - 1 without cancellation: Taylor polynomial on |x| <= 0.35, else by exp. */
export function expm164(x: number): number {
  if (!(Math.abs(x) <= 0.35)) return exp64(x) - 1;
  let p = factorials[13];
  for (let i = 12; i >= 1; i--) p = p * x + factorials[i];
  return p * x;
}

/** log((1 + s) / (1 - s)) - 2 s, for |s| <= 0.172. */
function atanhTail(s: number): number {
  const z = s * s;
  return 2 * s * (z * horner(oddReciprocals, 10, z));
}

/** Natural logarithm of a double that is no subnormal: x = 2^k m with sqrt(1/2) < m <= sqrt(2), then log m by atanh. */
export function log64(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  view.setFloat64(0, x);
  const high = view.getUint32(0);
  let k = (high >>> 20) - 1023;
  view.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  let m = view.getFloat64(0);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    k += 1;
  }
  const s = (m - 1) / (m + 1);
  return k * LN2_HIGH + (2 * s + (atanhTail(s) + k * LN2_LOW));
}

/** log(1 + u) for 0 <= u <= 1, without cancellation. */
export function log1p64(u: number): number {
  if (u > 0.41) return log64(1 + u);
  const s = u / (2 + u);
  return 2 * s + atanhTail(s);
}

/** tanh = (e^2x - 1) / (e^2x + 1); 1 in double beyond 20. */
export function tanh64(x: number): number {
  if (x === 0 || Number.isNaN(x)) return x;
  const a = Math.abs(x);
  const e = expm164(2 * a);
  const t = a > 20 ? 1 : e / (e + 2);
  return x < 0 ? -t : t;
}

/** The nearest integer, ties to even; a zero keeps the sign of x. */
export function rint32(x: number): number {
  if (!(Math.abs(x) < 8388608)) return x;
  const r = nearest(x);
  return r === 0 && (x < 0 || Object.is(x, -0)) ? -0 : r;
}

/** expf. */
export function exp32(x: number): number {
  return Math.fround(exp64(x));
}

/** logf: -infinity at 0, NaN below. */
export function log32(x: number): number {
  return Math.fround(log64(x));
}

export function tanh32(x: number): number {
  return Math.fround(tanh64(x));
}

/** a^n for 0 <= n <= 16 by squaring. */
function integerPower(a: number, n: number): number {
  let p = 1;
  let b = a;
  for (let left = n; left > 0; ) {
    if (left % 2 === 1) p *= b;
    left = Math.floor(left / 2);
    if (left > 0) b *= b;
  }
  return p;
}

/**
 * powf with the special cases of C (Annex F). Whole exponents up to 16 multiply (squares, cubes, ... round correctly,
 * ties included), others are exp(y log x): error below 2^-44, one wrong rounding in about 10^6.
 */
export function pow32(x: number, y: number): number {
  if (y === 0 || x === 1) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const a = Math.abs(x);
  const isWhole = Math.trunc(y) === y;
  const isOdd = Math.abs(y) < 16777216 && isWhole && y % 2 !== 0;
  if (Math.abs(y) === Number.POSITIVE_INFINITY) return a === 1 ? 1 : a > 1 === y > 0 ? Number.POSITIVE_INFINITY : 0;
  if (x < 0 && x !== Number.NEGATIVE_INFINITY && !isWhole) return Number.NaN;
  let r: number;
  if (a === 0 || a === Number.POSITIVE_INFINITY) r = (a === 0) === y > 0 ? 0 : Number.POSITIVE_INFINITY;
  else if (isWhole && Math.abs(y) <= 16) {
    r = integerPower(a, Math.abs(y));
    if (y < 0) r = 1 / r;
  } else r = exp64(y * log64(a));
  const isNegative = isOdd && (x < 0 || Object.is(x, -0));
  return Math.fround(isNegative ? -r : r);
}
