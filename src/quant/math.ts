/**
 * Float functions whose bits are ours: the twin of runtime-c/include/qcc/math.h. Evaluated in double with + - * / only,
 * in one fixed order, then rounded to float32.
 */

const LOG2E = 1.4426950408889634;
/** ln 2 in two parts; the first has 32 significant bits, so k * LN2_HIGH is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const factorials: readonly number[] = Array.from({ length: 13 }, (_, n) => {
  let f = 1;
  for (let i = 2; i <= n; i++) f *= i;
  return 1 / f;
});

/** Nearest integer, ties to even, for |x| < 2^51. */
function nearest(x: number): number {
  return x + 6755399441055744 - 6755399441055744;
}

/** 2^k for -1022 <= k <= 1023. */
function power2(k: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, (k + 1023) << 20);
  return view.getFloat64(0);
}

/** exp in double: Cody-Waite reduction by ln 2, Taylor polynomial of degree 12 on |r| <= 0.3466 (error below 2^-52). */
export function exp64(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 709) return Number.POSITIVE_INFINITY;
  if (x < -708) return 0;
  const k = nearest(x * LOG2E);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let p = factorials[12];
  for (let i = 11; i >= 0; i--) p = p * r + factorials[i];
  return p * power2(k);
}

/** expf, correctly rounded but for about one argument in 10^7. */
export function exp32(x: number): number {
  return Math.fround(exp64(x));
}
