/**
 * Sums in a fixed order; twin of `runtime-c/include/qcc/lanes.h`. Invariant: item j of a sum joins lane j % 8, in order,
 * and the lanes join as ((0+4)+(2+6)) + ((1+5)+(3+7)), so that every ISA, with vectors of any width, makes the same bits.
 */
export const LANES = 8;

/** The lanes from `at` on become one number by `join`. */
export function joinLanes(l: ArrayLike<number>, at: number, join: (a: number, b: number) => number): number {
  const even = join(join(l[at], l[at + 4]), join(l[at + 2], l[at + 6]));
  const odd = join(join(l[at + 1], l[at + 5]), join(l[at + 3], l[at + 7]));
  return join(even, odd);
}

/** The lanes from `at` on, added in float32. */
export function sumLanes(l: ArrayLike<number>, at = 0): number {
  return joinLanes(l, at, (a, b) => Math.fround(a + b));
}

/** f32 sum of `count` items. */
export function laneSum(count: number, item: (index: number) => number): number {
  const lanes = new Float32Array(LANES);
  for (let j = 0; j < count; j++) lanes[j % LANES] += item(j);
  return sumLanes(lanes);
}
