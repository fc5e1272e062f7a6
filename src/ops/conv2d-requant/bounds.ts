/** Interval analysis of a folded convolution: what its accumulators can reach. Exact integer arithmetic in doubles. */
import { elements, numberData, type Tensor } from '../../ir/type.js';

export interface AccumulatorBounds {
  /** Smallest and largest accumulator per output channel, bias included. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Bounds over every partial sum too: an order of summation cannot leave them. */
  readonly partialLow: Float64Array;
  readonly partialHigh: Float64Array;
}

/**
 * Bounds for X in [xLow, xHigh], which must contain the padding value.
 * @param w stored weights [oc, ...]; @param bias s32[oc].
 */
export function accumulatorBounds(w: Tensor, bias: ArrayLike<number>, xLow: number, xHigh: number): AccumulatorBounds {
  const oc = w.type.shape[0];
  const cells = elements(w.type.shape) / oc;
  const ws = numberData(w);
  const low = new Float64Array(oc);
  const high = new Float64Array(oc);
  const partialLow = new Float64Array(oc);
  const partialHigh = new Float64Array(oc);
  for (let o = 0; o < oc; o++) {
    let lo = 0;
    let hi = 0;
    let partialLo = 0;
    let partialHi = 0;
    for (let i = 0; i < cells; i++) {
      const v = ws[o * cells + i];
      const a = v * xLow;
      const b = v * xHigh;
      lo += Math.min(a, b);
      hi += Math.max(a, b);
      partialLo += Math.min(a, b, 0);
      partialHi += Math.max(a, b, 0);
    }
    low[o] = lo + bias[o];
    high[o] = hi + bias[o];
    partialLow[o] = partialLo + Math.min(bias[o], 0);
    partialHigh[o] = partialHi + Math.max(bias[o], 0);
  }
  return { low, high, partialLow, partialHigh };
}

/** Largest |acc * multiplier| over all channels. */
export function largestProduct(bounds: AccumulatorBounds, multipliers: ArrayLike<number>): number {
  let largest = 0;
  for (let o = 0; o < bounds.low.length; o++)
    largest = Math.max(largest, Math.max(-bounds.low[o], bounds.high[o], 0) * Math.abs(multipliers[o]));
  return largest;
}

/** Largest |sum of products|, the bias left out, over all channels. */
export function largestSum(bounds: AccumulatorBounds, bias: ArrayLike<number>): number {
  let largest = 0;
  for (let o = 0; o < bounds.low.length; o++)
    largest = Math.max(largest, bias[o] - bounds.low[o], bounds.high[o] - bias[o]);
  return largest;
}
