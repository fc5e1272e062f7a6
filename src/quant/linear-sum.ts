/**
 * A sum of two quantized bytes as one linear form of integers,
 *
 *   y = clamp((p * a + q * b + constant) >> shift, least, most),
 *
 * proved by comparing it with the sum's own formula for every pair of bytes. Invariant: for no pair does a product, a product
 * with the constant, or the whole leave 32 bits.
 *
 * The shift is as large as 32 bits allow. For factors a and b each pair says which constants are too small and which too
 * large; where none is left, neighbours of the factors are tried. Only pairs near a border of rounding can matter there, so
 * they alone are looked at until a form fits; then all are.
 */

export interface LinearSum {
  readonly a: number;
  readonly b: number;
  readonly constant: number;
  readonly shift: number;
}

export interface ByteSum {
  /** The stored sum of stored bytes, clamped. */
  readonly sum: (p: number, q: number) => number;
  /** The least byte of each operand: -128 or 0. */
  readonly leastA: number;
  readonly leastB: number;
  /** About what `sum` rounds: p * a + q * b + constant. */
  readonly real: { readonly a: number; readonly b: number; readonly constant: number };
  readonly range: readonly [number, number];
}

/** What kernels take: they look at the upper 16 bits of a sum first, and saturate in the lowest 8 above the shift. */
const [LEAST_SHIFT, MOST_SHIFT] = [16, 24];
/** How far from the nearest integers factors are tried. */
const NEIGHBOURS = 8;

export function linearSum(bytes: ByteSum): LinearSum | undefined {
  const { real, leastA, leastB } = bytes;
  const constant = real.constant + 0.5;
  const ends = corners(leastA, leastB, real.a, real.b, constant);
  let shift = MOST_SHIFT;
  // A neighbour of a factor moves a sum by less than 2^13.
  while (shift >= LEAST_SHIFT && ends.some((v) => Math.abs(v) * 2 ** shift >= 2 ** 31 - 2 ** 13)) shift--;
  if (shift < LEAST_SHIFT) return undefined;
  const unit = 2 ** shift;
  const sums = sumsOf(bytes);
  const near = nearBorders(bytes, constant, (512 * (NEIGHBOURS + 1)) / unit);
  const [a0, b0] = [Math.round(real.a * unit), Math.round(real.b * unit)];
  for (const [i, j] of neighbours()) {
    const [a, b] = [a0 + i, b0 + j];
    const some = constantsFor(bytes, sums, near, a, b, unit);
    if (some[0] > some[1]) continue;
    const [low, high] = constantsFor(bytes, sums, undefined, a, b, unit);
    const chosen = Math.min(high, Math.max(low, Math.round(constant * unit)));
    if (low > high || corners(leastA, leastB, a, b, chosen).some((v) => Math.abs(v) >= 2 ** 31)) continue;
    return { a, b, constant: chosen, shift };
  }
  return undefined;
}

/** Products, what they make with the constant, and sums at the ends of both bytes. */
function corners(leastA: number, leastB: number, a: number, b: number, constant: number): readonly number[] {
  const products = (least: number, by: number) => [least * by, (least + 255) * by];
  const [left, right] = [products(leastA, a), products(leastB, b)];
  const alone = [...left, ...right];
  const sums = left.flatMap((p) => right.map((q) => p + q + constant));
  return [constant, ...alone, ...alone.map((v) => v + constant), ...sums];
}

/** Of pair i the bytes are leastA + (i >> 8) and leastB + (i & 255). */
function sumsOf({ sum, leastA, leastB }: ByteSum): Int16Array {
  return Int16Array.from({ length: 65536 }, (_, i) => sum(leastA + (i >> 8), leastB + (i & 255)));
}

function nearBorders({ real, leastA, leastB }: ByteSum, constant: number, within: number): Int32Array {
  const pairs = Array.from({ length: 65536 }, (_, i) => i).filter((i) => {
    const v = (leastA + (i >> 8)) * real.a + (leastB + (i & 255)) * real.b + constant;
    return Math.abs(v - Math.round(v)) < within;
  });
  return Int32Array.from(pairs);
}

/** The least and the largest constant with which these pairs, or all, get their sums. */
function constantsFor(
  { leastA, leastB, range }: ByteSum,
  sums: Int16Array,
  pairs: Int32Array | undefined,
  a: number,
  b: number,
  unit: number,
): readonly [number, number] {
  let [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const count = pairs?.length ?? sums.length;
  for (let k = 0; k < count; k++) {
    const i = pairs === undefined ? k : pairs[k];
    const products = (leastA + (i >> 8)) * a + (leastB + (i & 255)) * b;
    const y = sums[i];
    if (y > range[0]) low = Math.max(low, y * unit - products);
    if (y < range[1]) high = Math.min(high, (y + 1) * unit - 1 - products);
  }
  return [low, high];
}

/** Steps from both factors, near ones first. */
function* neighbours(): Generator<readonly [number, number]> {
  for (let ring = 0; ring <= NEIGHBOURS; ring++)
    for (let i = -ring; i <= ring; i++)
      for (let j = -ring; j <= ring; j++) if (Math.max(Math.abs(i), Math.abs(j)) === ring) yield [i, j];
}
