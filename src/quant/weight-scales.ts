/**
 * Scales of 8-bit weights and activations. Invariant: weights are symmetric and never -128, so that every kernel may take
 * them; a scale is a positive, normal float32.
 */
import { elements, type QuantElement, type Shape } from '../ir/type.js';
import { perAxis } from './affine.js';
import type { Range } from './range-choice.js';
import { quantizeValue, roundHalfEven } from './requantize.js';

/** Largest magnitude of a stored 8-bit weight. */
export const WEIGHT_MAX = 127;
/** Below this, products of scales leave the normal numbers. */
const SMALLEST_SCALE = 2 ** -60;

function positive(scale: number): number {
  return Math.fround(Math.max(scale, SMALLEST_SCALE));
}

/**
 * Largest |w| of each slice of dimension 0, over 127: Krishnamoorthi 2018, "Quantizing deep convolutional networks for
 * efficient inference", 3.1.2.
 * @param least least scale of each slice: what keeps a bias within int32.
 */
export function channelScales(data: Float32Array, shape: Shape, least: (channel: number) => number): Float32Array {
  const channels = shape[0];
  const cells = elements(shape) / channels;
  return Float32Array.from({ length: channels }, (_, o) => {
    let largest = 0;
    for (let i = o * cells; i < (o + 1) * cells; i++) largest = Math.max(largest, Math.abs(data[i]));
    return positive(Math.max(largest / WEIGHT_MAX, least(o)));
  });
}

/** Scales are tried in steps of 1/256 of the largest weight's: enough to move the largest weights by half a step. */
const TRIED_STEP = 2 ** -8;
/** Below, the largest weights are clipped; above, all are rounded more coarsely. */
const [TRIED_BELOW, TRIED_ABOVE] = [8, 16];
/** Of more weights, the errors are as good as the same for every scale: a fortieth is to gain, and it takes time. */
const MOST_FITTED = 1024;

/**
 * The scales near the given ones with the least squared error of each slice of dimension 0. Some scale lies well for all
 * weights where they are few: a tenth to a half of the error goes, and nothing of a bit.
 * @param powers what a squared error of each weight of a slice counts.
 */
export function fittedScales(
  data: Float32Array,
  scales: Float32Array,
  least: (channel: number) => number,
  powers: (channel: number) => Float64Array,
): Float32Array {
  const cells = data.length / scales.length;
  if (cells > MOST_FITTED) return scales;
  return scales.map((scale, o) => {
    const weights = data.subarray(o * cells, (o + 1) * cells);
    const each = powers(o);
    const errorOf = (tried: number): number => {
      let sum = 0;
      for (let k = 0; k < cells; k++) {
        const q = quantizeValue(weights[k], tried, 0, -WEIGHT_MAX, WEIGHT_MAX);
        sum += each[k] * (weights[k] - q * tried) ** 2;
      }
      return sum;
    };
    let [best, smallest] = [scale, errorOf(scale)];
    for (let i = -TRIED_BELOW; i <= TRIED_ABOVE; i++) {
      const tried = positive(Math.max(scale * (1 + i * TRIED_STEP), least(o)));
      const error = errorOf(tried);
      if (error >= smallest) continue;
      [best, smallest] = [tried, error];
    }
    return best;
  });
}

/** What one 16-bit lane takes of products with u8 activations: 255 * 128 = 32640. */
const LANE_SUM = 128;

/**
 * The least scales, not below `scales`, with which no `group` neighbouring weights of a channel exceed a 16-bit lane when
 * they meet u8 activations: positive and negative stored weights sum to at most 128 each. At most `group` times as large
 * as 7-bit weights would need; where neighbours differ in sign or size, far less.
 */
export function laneScales(data: Float32Array, scales: Float32Array, group: 1 | 2 | 4): Float32Array {
  if (group === 1) return scales;
  const cells = data.length / scales.length;
  return scales.map((scale, o) => {
    const weights = data.subarray(o * cells, (o + 1) * cells);
    let safe = scale;
    // Rounding can push a sum over the edge that the reals meet.
    while (!fitsLanes(weights, safe, group)) safe = Math.fround(safe * (1 + 2 ** -8));
    return safe;
  });
}

/** Whether no `group` neighbours exceed a 16-bit lane once they are rounded. Stored weights have scale 1. */
export function fitsLanes(weights: ArrayLike<number>, scale: number, group: number): boolean {
  for (let k = 0; k < weights.length; k += group) {
    let [positive, negative] = [0, 0];
    for (let i = k; i < Math.min(k + group, weights.length); i++) {
      const q = quantizeValue(weights[i], scale, 0, -WEIGHT_MAX, WEIGHT_MAX);
      if (q > 0) positive += q;
      else negative -= q;
    }
    if (positive > LANE_SUM || negative > LANE_SUM) return false;
  }
  return true;
}

/**
 * Weights of rows of `columns`, each `block` neighbours with a scale of their own: the largest magnitude over `most`.
 * Scales row by row, the last block of a row perhaps short.
 */
export function blockedWeights(data: Float32Array, columns: number, block: number, most: number) {
  const blocks = Math.ceil(columns / block);
  const scaleOf = (i: number): number => Math.floor(i / columns) * blocks + Math.floor((i % columns) / block);
  const largest = new Float32Array((data.length / columns) * blocks);
  for (const [i, w] of data.entries()) largest[scaleOf(i)] = Math.max(largest[scaleOf(i)], Math.abs(w));
  const scales = largest.map((l) => positive(l / most));
  return { scales, stored: Int8Array.from(data, (w, i) => quantizeValue(w, scales[scaleOf(i)], 0, -most, most)) };
}

/** Nearest stored weights, dimension 0 by its own scales. */
export function storedWeights(data: Float32Array, scales: Float32Array): Int8Array {
  const cells = data.length / scales.length;
  return Int8Array.from(data, (w, i) => quantizeValue(w, scales[Math.floor(i / cells)], 0, -WEIGHT_MAX, WEIGHT_MAX));
}

/** Symmetric, one scale for each slice of dimension 0. */
export function weightAffine(scales: Float32Array) {
  return perAxis(0, scales, new Int32Array(scales.length));
}

/** A range of stored values that an activation is spread over. */
export interface ActivationGrid {
  readonly element: 's8' | 'u8';
  /** Zero point 0 (s8) or 128 (u8), both ends alike. */
  readonly symmetric: boolean;
}

export interface TensorScale {
  readonly element: QuantElement;
  readonly scale: number;
  readonly zeroPoint: number;
}

/** The scale and zero point with which the stored values cover the range, which holds zero, and hold zero exactly. */
export function activationScale(range: Range, grid: ActivationGrid): TensorScale {
  const [low, high] = grid.element === 's8' ? [-128, 127] : [0, 255];
  if (grid.symmetric) {
    const scale = positive(Math.max(-range.min, range.max) / 127);
    return { element: grid.element, scale, zeroPoint: grid.element === 's8' ? 0 : 128 };
  }
  const scale = positive((range.max - range.min) / 255);
  const zeroPoint = Math.min(high, Math.max(low, low + roundHalfEven(-range.min / scale)));
  return { element: grid.element, scale, zeroPoint };
}

/** Largest int16 activation. */
export const WIDE_MAX = 32767;

/** The scale with which `limit` stands for the largest magnitude. */
export function wideScale(most: number, limit: number): number {
  return positive(most / limit);
}

/** A bias in steps of x_scale * w_scale. */
export function storedBias(bias: ArrayLike<number>, xScale: number, scales: Float32Array) {
  const steps = scales.map((s) => Math.fround(xScale * s));
  return { scales: steps, data: Int32Array.from(steps, (s, o) => roundHalfEven(bias[o] / s)) };
}

/** The least weight scale with which the bias stays within a quarter of int32. */
export function leastScale(bias: number, xScale: number): number {
  return Math.abs(bias) / (xScale * 2 ** 29);
}
