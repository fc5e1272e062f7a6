/**
 * Rounding weights so that a layer's output, not each weight, stays near: the squared error of the output is e G e', e the
 * errors of one output channel's weights and G the Gram matrix of the layer's inputs. The sequential form of OPTQ (Frantar et
 * al. 2022, for the objective of AdaRound, Nagel et al. 2020) as QuIP (Chee et al. 2023) writes it: G = (U + I) D (U + I)'
 * with U strictly upper triangular; weight k takes up what the errors of those before it add to its direction, then is
 * rounded. Invariant: deterministic, and never worse by that measure than rounding to nearest.
 */
import { quantizeValue } from './requantize.js';

/** Sums of products of a layer's inputs: entry (i, j), i <= j, at i * size + j. The rest is not defined. */
export interface Gram {
  readonly size: number;
  readonly sums: Float64Array;
  /** Rows that were summed. */
  rows: number;
}

export function emptyGram(size: number): Gram {
  return { size, sums: new Float64Array(size * size), rows: 0 };
}

export function addRow(gram: Gram, row: Float32Array): void {
  const { size, sums } = gram;
  gram.rows++;
  for (let i = 0; i < size; i++) {
    const x = row[i];
    // After a ReLU most are.
    if (x === 0) continue;
    const at = i * size;
    for (let j = i; j < size; j++) sums[at + j] += x * row[j];
  }
}

/** Share of the mean square that is added to each input's own: what was seen is not all there is. */
const DAMPING = 0.01;

/** G in an order of its own, factored. */
export interface Factored {
  /** Input of each place: those with the most power first, so that the others make up for them. */
  readonly order: Int32Array;
  /** (place, place), row-major, both triangles: the damped G. */
  readonly gram: Float64Array;
  /** U at (i, k), i < k. */
  readonly upper: Float64Array;
}

/** @param noise mean square that rounding adds to every input. Undefined where the inputs were all zero. */
export function factored({ size, sums, rows }: Gram, noise: number): Factored | undefined {
  const power = Float64Array.from({ length: size }, (_, i) => sums[i * size + i] / Math.max(1, rows));
  const mean = power.reduce((a, b) => a + b, 0) / size;
  if (mean === 0 || rows === 0) return undefined;
  const order = Int32Array.from(power.keys()).sort((a, b) => power[b] - power[a] || a - b);
  const gram = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) {
      const [a, b] = order[i] < order[j] ? [order[i], order[j]] : [order[j], order[i]];
      gram[i * size + j] = sums[a * size + b] / rows + (i === j ? DAMPING * mean + noise : 0);
    }
  const upper = Float64Array.from(gram);
  const column = new Float64Array(size);
  for (let k = size - 1; k >= 0; k--) {
    const pivot = upper[k * size + k];
    for (let i = 0; i < k; i++) column[i] = upper[i * size + k];
    for (let i = 0; i < k; i++) {
      const factor = column[i] / pivot;
      if (factor !== 0) for (let j = i; j < k; j++) upper[i * size + j] -= factor * column[j];
      upper[i * size + k] = factor;
    }
  }
  return { order, gram, upper };
}

/** The stored weights of one output channel. */
export function reconstructedRow(
  weights: Float32Array,
  scale: number,
  { order, gram, upper }: Factored,
  limit: number,
): Int8Array {
  const size = weights.length;
  const nearest = Int8Array.from(weights, (w) => quantizeValue(w, scale, 0, -limit, limit));
  const stored = new Int8Array(size);
  // What the errors so far add to each place.
  const pending = new Float64Array(size);
  for (let k = 0; k < size; k++) {
    const at = order[k];
    stored[at] = quantizeValue(weights[at] + pending[k], scale, 0, -limit, limit);
    const error = weights[at] - stored[at] * scale;
    for (let j = k + 1; j < size; j++) pending[j] += error * upper[k * size + j];
  }
  const cost = (q: Int8Array): number => outputError(weights, q, scale, order, gram);
  return cost(stored) <= cost(nearest) ? stored : nearest;
}

function outputError(w: Float32Array, q: Int8Array, scale: number, order: Int32Array, gram: Float64Array): number {
  const size = w.length;
  const errors = Float64Array.from(order, (at) => w[at] - q[at] * scale);
  let sum = 0;
  for (let i = 0; i < size; i++) {
    let row = 0;
    for (let j = 0; j < size; j++) row += gram[i * size + j] * errors[j];
    sum += row * errors[i];
  }
  return sum;
}
