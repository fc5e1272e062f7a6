/**
 * Rounding weights so that a layer's output, not each weight, stays near: the squared error of the output is e G e', e the
 * errors of one output channel's weights and G the Gram matrix of the layer's inputs. The sequential form of OPTQ (Frantar et
 * al. 2022, for the objective of AdaRound, Nagel et al. 2020) as QuIP (Chee et al. 2023) writes it: G = (U + I) D (U + I)'
 * with U strictly upper triangular; weight k takes up what the errors of those before it add to its direction, then is
 * rounded. Invariant: deterministic, and never worse by that measure than rounding to nearest, neither on the samples it is
 * fitted to nor, layer by layer, on those that are held out.
 */
import { quantizeValue } from './requantize.js';
import { fitsLanes, storedWeights, WEIGHT_MAX } from './weight-scales.js';

/** Sums of products of a layer's inputs: entry (i, j), i <= j, at i * size + j. The rest is not defined. */
export interface Gram {
  readonly size: number;
  readonly sums: Float64Array;
  /** Sum of each input. */
  readonly totals: Float64Array;
  /** Rows that were summed. */
  rows: number;
}

/** What a layer reads, on the samples that its weights are fitted to and on those that judge them. */
export interface SampledGram {
  readonly fitted: Gram;
  readonly held: Gram;
}

/** Of all samples. */
export function wholeGram({ fitted, held }: SampledGram): Gram {
  const added = (a: Float64Array, b: Float64Array): Float64Array => a.map((x, i) => x + b[i]);
  return {
    size: fitted.size,
    sums: added(fitted.sums, held.sums),
    totals: added(fitted.totals, held.totals),
    rows: fitted.rows + held.rows,
  };
}

export function emptyGram(size: number): Gram {
  return { size, sums: new Float64Array(size * size), totals: new Float64Array(size), rows: 0 };
}

export function addRow(gram: Gram, row: Float32Array): void {
  const { size, sums, totals } = gram;
  gram.rows++;
  for (let i = 0; i < size; i++) {
    const x = row[i];
    // After a ReLU most are.
    if (x === 0) continue;
    totals[i] += x;
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

/**
 * @param noise mean square that rounding adds to every input.
 * @param isCentred about the means: a bias takes up what errors add on average. Undefined where the inputs were all zero.
 */
export function factored({ size, sums, totals, rows }: Gram, noise: number, isCentred: boolean): Factored | undefined {
  const about = (i: number, j: number): number =>
    sums[i * size + j] / rows - (isCentred ? (totals[i] / rows) * (totals[j] / rows) : 0);
  const power = Float64Array.from({ length: size }, (_, i) => (rows === 0 ? 0 : Math.max(0, about(i, i))));
  const mean = power.reduce((a, b) => a + b, 0) / size;
  if (mean === 0) return undefined;
  const order = Int32Array.from(power.keys()).sort((a, b) => power[b] - power[a] || a - b);
  const gram = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) {
      const [a, b] = order[i] < order[j] ? [order[i], order[j]] : [order[j], order[i]];
      gram[i * size + j] = about(a, b) + (i === j ? DAMPING * mean + noise : 0);
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

export interface Reconstruction {
  /** Dimension 0 by its own scales. */
  readonly stored: Int8Array;
  /** How far the layer's noise on held-out samples fell, decibels; undefined where nothing is known of what it reads. */
  readonly gain: number | undefined;
  /** Whether `stored` is what was fitted: where held-out samples are worse off with it, it is rounded to nearest. */
  readonly isKept: boolean;
}

/**
 * The stored weights of a whole layer. Invariant: on held-out samples its output has no more noise than with weights rounded
 * to nearest.
 * @param grams one for each group.
 * @param lanes neighbours that a 16-bit lane shall hold: scales were chosen for those that are rounded to nearest.
 * @param isCentred see `factored`.
 */
export function reconstructedWeights(
  data: Float32Array,
  scales: Float32Array,
  grams: readonly SampledGram[],
  xScale: number,
  lanes: number,
  isCentred: boolean,
): Reconstruction {
  const nearest = storedWeights(data, scales);
  const stored = nearest.slice();
  const cells = data.length / scales.length;
  const noise = xScale ** 2 / 12;
  const known = grams.map(({ fitted, held }) =>
    fitted.size === cells && held.rows > 0 ? factored(fitted, noise, isCentred) : undefined,
  );
  let [before, after] = [0, 0];
  for (const [o, scale] of scales.entries()) {
    const group = Math.floor((o * grams.length) / scales.length);
    const factors = known[group];
    if (factors === undefined) continue;
    const weights = data.subarray(o * cells, (o + 1) * cells);
    const row = reconstructedRow(weights, scale, factors, WEIGHT_MAX);
    if (lanes === 1 || fitsLanes(row, 1, lanes)) stored.set(row, o * cells);
    const cost = (q: Int8Array): number =>
      heldOutError(weights, q.subarray(o * cells, (o + 1) * cells), scale, grams[group], noise, isCentred);
    before += cost(nearest);
    after += cost(stored);
  }
  if (known.every((factors) => factors === undefined)) return { stored: nearest, gain: undefined, isKept: false };
  const isKept = after <= before;
  return { stored: isKept ? stored : nearest, gain: after === before ? 0 : 10 * Math.log10(before / after), isKept };
}

/**
 * Mean square that the errors of one output's weights add on held-out samples; about the mean of the fitted ones, where a bias
 * takes that up.
 */
function heldOutError(
  w: Float32Array,
  q: Int8Array,
  scale: number,
  { fitted, held }: SampledGram,
  noise: number,
  isCentred: boolean,
): number {
  const errors = Float64Array.from(w, (real, k) => real - q[k] * scale);
  let [square, heldMean, fittedMean] = [0, 0, 0];
  for (let i = 0; i < held.size; i++) {
    const at = i * held.size;
    let others = 0;
    for (let j = i + 1; j < held.size; j++) others += held.sums[at + j] * errors[j];
    square += errors[i] * ((errors[i] * held.sums[at + i] + 2 * others) / held.rows + errors[i] * noise);
    heldMean += (errors[i] * held.totals[i]) / held.rows;
    fittedMean += (errors[i] * fitted.totals[i]) / fitted.rows;
  }
  return isCentred ? square - 2 * heldMean * fittedMean + fittedMean ** 2 : square;
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
