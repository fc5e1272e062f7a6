/**
 * Statistics -> the interval that a quantized tensor shall cover. Invariant: the interval holds zero, lies within what was seen
 * (or its mirror image, for symmetric grids; but for `next`), and depends on the statistics alone, not on how they were gathered.
 *
 * MSE: Krishnamoorthi 2018, Choukroun et al. 2019 ("Low-bit quantization ... for efficient inference"); entropy: Migacz
 * 2017 ("8-bit inference with TensorRT"); percentile: Wu et al. 2020 ("Integer quantization for deep learning inference").
 */
import { type Bounds, UNBOUNDED } from '../ir/type.js';
import { weightedStats } from './channel-stats.js';
import type { TensorStats } from './ranges.js';
import { channelsWithTails, withTails } from './tails.js';

/** The integers a range is spread over. */
export interface Grid {
  /** Number of stored values, e.g. 256. */
  readonly levels: number;
  /** Zero lies in the middle: the range is [-t, t]. */
  readonly symmetric: boolean;
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

export type RangeRule =
  | { readonly rule: 'min-max' }
  /** Share of the values that the range covers at least, in percent, e.g. 99.99; the rest is cut evenly at both ends. */
  | { readonly rule: 'percentile'; readonly percent: number }
  | { readonly rule: 'mse' }
  /** Beyond what was seen, where so few values were that the next may well lie there (`tails.ts`). */
  | { readonly rule: 'next' }
  | { readonly rule: 'entropy' };

export function chooseRange(stats: TensorStats, grid: Grid, by: RangeRule): Range {
  switch (by.rule) {
    case 'min-max':
      return minMaxRange(stats, grid);
    case 'percentile':
      return percentileRange(stats, grid, by.percent);
    case 'mse':
      return mseRange(stats, grid);
    case 'next':
      return nextRange(stats, grid, { bounds: UNBOUNDED, weights: undefined });
    case 'entropy':
      return entropyRange(stats, grid);
  }
}

/** What is known of a tensor besides its values. */
export interface Known {
  /** How much a squared error of each channel matters to what reads the tensor; undefined: all alike. */
  readonly weights: Float64Array | undefined;
  readonly bounds: Bounds;
}

/** What each of the rules would cover. */
export function coveringRange(stats: TensorStats, grid: Grid, rules: readonly RangeRule[], known: Known): Range {
  const weighted =
    known.weights === undefined || stats.channels === undefined
      ? stats
      : weightedStats(stats, stats.channels, known.weights);
  return rules
    .map((by) =>
      by.rule === 'next' ? nextRange(stats, grid, known) : chooseRange(by.rule === 'mse' ? weighted : stats, grid, by),
    )
    .reduce((a, b) => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) }));
}

/** Zero where what was seen is enough. */
function nextRange(stats: TensorStats, grid: Grid, { weights, bounds }: Known): Range {
  const expected =
    weights === undefined || stats.channels === undefined
      ? withTails(stats, bounds)
      : weightedStats(stats, channelsWithTails(stats.channels, bounds), weights);
  const { min, max } = mseRange(expected, grid);
  const seen = minMaxRange(stats, grid);
  return { min: min < seen.min ? min : 0, max: max > seen.max ? max : 0 };
}

/** All that was seen, and zero. */
export function minMaxRange(stats: TensorStats, grid: Grid): Range {
  return fitted(stats.min, stats.max, stats, grid);
}

/** [0, 0] where nothing was seen. */
function fitted(low: number, high: number, stats: TensorStats, grid: Grid): Range {
  const min = Math.min(0, Math.max(low, stats.min));
  const max = Math.max(0, Math.min(high, stats.max));
  if (!Number.isFinite(min) || !Number.isFinite(max)) return { min: 0, max: 0 };
  if (!grid.symmetric) return { min, max };
  const t = Math.max(-min, max);
  return { min: -t, max: t };
}

export function percentileRange(stats: TensorStats, grid: Grid, percent: number): Range {
  const { counts, first, exponent } = stats.histogram;
  const width = 2 ** exponent;
  const seen = counts.reduce((a, b) => a + b, 0);
  // Symmetric grids have one threshold: both ends are cut alike, the sum of what is cut is the rest.
  const rest = seen * (1 - percent / 100);
  const isOutside = (below: number, above: number): boolean =>
    grid.symmetric ? below + above <= rest : below <= rest / 2 && above <= rest / 2;
  if (grid.symmetric) {
    let outside = 0;
    let t = Math.max(-first, first + counts.length);
    for (; t > 0; t--) {
      const inner = (counts[t - 1 - first] ?? 0) + (counts[-t - first] ?? 0);
      if (!isOutside(outside + inner, 0)) break;
      outside += inner;
    }
    return fitted(-t * width, t * width, stats, grid);
  }
  let low = 0;
  for (let below = 0; low < counts.length && isOutside(below + counts[low], 0); low++) below += counts[low];
  let high = counts.length;
  for (let above = 0; high > low && isOutside(0, above + counts[high - 1]); high--) above += counts[high - 1];
  return fitted((first + low) * width, (first + high) * width, stats, grid);
}

/** Sums over the bins below each edge: of the numbers, of number * centre, and of number * mean square in the bin. */
interface Moments {
  readonly edges: readonly number[];
  readonly n: Float64Array;
  readonly x: Float64Array;
  readonly xx: Float64Array;
}

/** Values are taken as spread evenly over their bin, but for zeros, which every grid holds exactly. */
function momentsOf(stats: TensorStats): Moments {
  const { counts, first, exponent } = stats.histogram;
  const width = 2 ** exponent;
  const [n, x, xx] = [0, 1, 2].map(() => new Float64Array(counts.length + 1));
  const edges = [clipped(first * width, stats)];
  for (const [i, all] of counts.entries()) {
    const count = first + i === 0 ? all - stats.zeros : all;
    const [a, b] = [edges[i], clipped((first + i + 1) * width, stats)];
    const centre = (a + b) / 2;
    edges.push(b);
    n[i + 1] = n[i] + count;
    x[i + 1] = x[i] + count * centre;
    xx[i + 1] = xx[i] + count * (centre * centre + (b - a) ** 2 / 12);
  }
  return { edges, n, x, xx };
}

function clipped(x: number, stats: TensorStats): number {
  return Math.min(Math.max(x, stats.min), stats.max);
}

/** Sum of the squared errors of the range between two edges, in the model of `momentsOf`. */
function squaredError(m: Moments, low: number, high: number, range: Range, grid: Grid): number {
  const step = (range.max - range.min) / (grid.levels - 1);
  const end = m.n.length - 1;
  const above =
    m.xx[end] - m.xx[high] - 2 * range.max * (m.x[end] - m.x[high]) + range.max ** 2 * (m.n[end] - m.n[high]);
  const below = m.xx[low] - 2 * range.min * m.x[low] + range.min ** 2 * m.n[low];
  return Math.max(0, above) + Math.max(0, below) + ((m.n[high] - m.n[low]) * step ** 2) / 12;
}

/**
 * Mean squared error that quantizing with `range` adds, by the histogram: clipping, and step^2 / 12 inside. Zeros cost
 * nothing. 0 where nothing was seen.
 */
export function meanSquaredError(stats: TensorStats, range: Range, grid: Grid): number {
  const m = momentsOf(stats);
  const index = (x: number): number => {
    const at = m.edges.findIndex((edge) => edge >= x);
    return at < 0 ? m.edges.length - 1 : at;
  };
  return stats.count === 0 ? 0 : squaredError(m, index(range.min), index(range.max), range, grid) / stats.count;
}

/** Thresholds tried per end: enough that neighbours differ by less than the error they decide about. */
const CANDIDATES = 256;

/** The interval between bin edges with the least mean squared error. */
export function mseRange(stats: TensorStats, grid: Grid): Range {
  const m = momentsOf(stats);
  const end = m.edges.length - 1;
  const zero = Math.min(Math.max(-stats.histogram.first, 0), end);
  let best = minMaxRange(stats, grid);
  let least = Number.POSITIVE_INFINITY;
  const attempt = (low: number, high: number): void => {
    const range = fitted(m.edges[low], m.edges[high], stats, grid);
    const cost = squaredError(m, low, high, range, grid);
    if (cost >= least) return;
    least = cost;
    best = range;
  };
  const highs = candidates(zero, end);
  if (grid.symmetric) {
    const far = Math.max(zero, end - zero);
    for (const t of candidates(0, far)) attempt(Math.max(zero - t, 0), Math.min(zero + t, end));
    return best;
  }
  for (const low of candidates(zero, 0)) for (const high of highs) attempt(low, high);
  return best;
}

/** Edges from the far end to the near one, the far one first so that it wins a tie. */
function candidates(near: number, far: number): readonly number[] {
  const distance = Math.abs(far - near);
  const sign = Math.sign(far - near);
  const steps = Math.min(distance, CANDIDATES);
  const found = Array.from(
    { length: steps + 1 },
    (_, i) => far - sign * Math.round((i * distance) / Math.max(steps, 1)),
  );
  return [...new Set(found)];
}

/**
 * The threshold whose quantized distribution is nearest to the clipped one by relative entropy. Thresholds are magnitudes,
 * tried from one bin per level on; the mass beyond joins the outermost bins of the clipped distribution, not of the
 * quantized one.
 */
export function entropyRange(stats: TensorStats, grid: Grid): Range {
  const { counts, first, exponent } = stats.histogram;
  const width = 2 ** exponent;
  const far = Math.max(-first, first + counts.length, 0);
  let best = minMaxRange(stats, grid);
  let least = Number.POSITIVE_INFINITY;
  const hasBothSigns = first < 0 && first + counts.length > 0;
  const start = Math.min(far, hasBothSigns || grid.symmetric ? grid.levels / 2 : grid.levels);
  const stride = Math.max(1, Math.floor((far - start) / CANDIDATES));
  for (let t = far; t >= start && t > 0; t -= stride) {
    const low = grid.symmetric ? -t : Math.max(-t, Math.min(first, 0));
    const high = grid.symmetric ? t : Math.min(t, Math.max(first + counts.length, 0));
    const cost = relativeEntropy(binsBetween(stats, low, high), grid.levels);
    if (cost >= least) continue;
    least = cost;
    best = fitted(low * width, high * width, stats, grid);
  }
  return best;
}

interface Clipped {
  /** Counts of the bins between the thresholds, and what lies beyond on either side. */
  readonly counts: Float64Array;
  readonly below: number;
  readonly above: number;
}

function binsBetween(stats: TensorStats, low: number, high: number): Clipped {
  const { counts, first } = stats.histogram;
  const inner = new Float64Array(high - low);
  let [below, above] = [0, 0];
  for (const [i, all] of counts.entries()) {
    const bin = first + i;
    // Zeros are exact whatever the range is, and would drown the rest after a ReLU.
    const count = bin === 0 ? all - stats.zeros : all;
    if (bin < low) below += count;
    else if (bin >= high) above += count;
    else inner[bin - low] += count;
  }
  return { counts: inner, below, above };
}

/** KL(p || q): p the clipped distribution, q its bins averaged over each level, both normalized. */
function relativeEntropy({ counts, below, above }: Clipped, levels: number): number {
  const p = Float64Array.from(counts);
  p[0] += below;
  p[p.length - 1] += above;
  const total = p.reduce((a, b) => a + b, 0);
  const kept = counts.reduce((a, b) => a + b, 0);
  if (total === 0) return 0;
  if (kept === 0) return Number.POSITIVE_INFINITY;
  // An outermost bin that only clipped values fill has none in q; Migacz's reference smooths such bins too.
  const least = 1e-4 / kept;
  let sum = 0;
  for (let level = 0; level < levels; level++) {
    const from = Math.round((level * counts.length) / levels);
    const to = Math.round(((level + 1) * counts.length) / levels);
    let [mass, filled] = [0, 0];
    for (let i = from; i < to; i++) {
      mass += counts[i];
      if (p[i] > 0) filled++;
    }
    for (let i = from; i < to; i++) {
      if (p[i] === 0) continue;
      const q = Math.max(mass / filled / kept, least);
      sum += (p[i] / total) * Math.log(p[i] / total / q);
    }
  }
  return sum;
}
