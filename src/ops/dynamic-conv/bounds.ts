/** What the accumulators of a product can reach whose zero point is known at run time only. */
import type { Tensor } from '../../ir/type.js';
import { accumulatorBounds } from '../conv2d-requant/bounds.js';
import { weightSums } from './op.js';

/** Bounds over every partial sum of (shift - zero) * sum(w) and the products, for any zero point the type holds. */
export function runTimeBounds(w: Tensor, [least, most]: readonly [number, number]) {
  const sums = weightSums(w);
  const { partialLow, partialHigh } = accumulatorBounds(w, new Int32Array(sums.length), least, most);
  let [low, high] = [0, 0];
  for (const [o, sum] of sums.entries()) {
    const ends = [-least * sum, -most * sum, 0];
    low = Math.min(low, partialLow[o] + Math.min(...ends));
    high = Math.max(high, partialHigh[o] + Math.max(...ends));
  }
  return { low, high, fits: low >= -(2 ** 31) && high < 2 ** 31 };
}
