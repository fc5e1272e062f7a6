/**
 * What calibration has not seen. Of n values that came in any order, the next one is larger than all of them with probability
 * 1 / (n + 1) (Laplace's rule of succession, for ranks): one value more is counted beyond each end, spread as an exponential
 * tail, which excesses of most distributions tend to (Pickands 1975), of the mean excess of the outermost values. Invariant:
 * what was seen keeps its counts, and nothing is counted beyond `bounds`.
 */
import type { Bounds } from '../ir/type.js';
import type { ChannelStats, Histogram, TensorStats } from './ranges.js';

/** Values at an end that tell how far the next may lie: a share of all, but no fewer than a handful. */
const [OUTER_SHARE, OUTER_LEAST] = [0.01, 10];
/** In mean excesses: all but e^-8 of the tail. */
const TAIL_LENGTH = 8;

type Spread = Pick<TensorStats, 'histogram' | 'min' | 'max'>;

/** With a tail at each end that is not zero: zero is where a ReLU ends. */
function tailed({ histogram, min, max }: Spread, bounds: Bounds): Spread {
  const up = max <= 0 || max >= bounds.max ? 0 : meanExcess(histogram, max);
  const down = min >= 0 || min <= bounds.min ? 0 : meanExcess(mirrored(histogram), -min);
  const high = Math.min(bounds.max, max + TAIL_LENGTH * up);
  const low = Math.max(bounds.min, min - TAIL_LENGTH * down);
  const above = grown(histogram, max, high, up);
  return { histogram: mirrored(grown(mirrored(above), -min, -low, down)), min: low, max: high };
}

export function withTails(stats: TensorStats, bounds: Bounds): TensorStats {
  const spread = tailed(stats, bounds);
  return { ...stats, ...spread, count: spread.histogram.counts.reduce((a, b) => a + b, 0) };
}

export function channelsWithTails(channels: ChannelStats, bounds: Bounds): ChannelStats {
  const each = channels.histograms.map((histogram, c) =>
    tailed({ histogram, min: channels.min[c], max: channels.max[c] }, bounds),
  );
  return {
    ...channels,
    min: Float32Array.from(each, ({ min }) => min),
    max: Float32Array.from(each, ({ max }) => max),
    histograms: each.map(({ histogram }) => histogram),
  };
}

/** Bins from the other side: what lies on an edge changes its bin, which nobody minds who takes a bin's values as spread. */
function mirrored({ exponent, first, counts }: Histogram): Histogram {
  return { exponent, first: -(first + counts.length), counts: counts.toReversed() };
}

/** Of the outermost values over the edge behind them. */
function meanExcess({ exponent, first, counts }: Histogram, max: number): number {
  const width = 2 ** exponent;
  const wanted = Math.max(OUTER_LEAST, OUTER_SHARE * counts.reduce((a, b) => a + b, 0));
  let [outer, sum, at] = [0, 0, counts.length];
  while (at > 0 && outer < wanted) {
    at--;
    outer += counts[at];
    sum += (counts[at] * (Math.min(max, (first + at + 1) * width) + (first + at) * width)) / 2;
  }
  return outer === 0 ? 0 : Math.max(0, sum / outer - (first + at) * width);
}

/** One value more between `max` and `high`; what would lie beyond is at `high`. */
function grown(histogram: Histogram, max: number, high: number, mean: number): Histogram {
  if (mean === 0) return histogram;
  const { exponent, first } = histogram;
  const width = 2 ** exponent;
  const end = Math.floor(high / width) + 1;
  const counts = new Float64Array(Math.max(histogram.counts.length, end - first));
  counts.set(histogram.counts);
  const beyond = (x: number): number => (x <= max ? 1 : Math.exp((max - x) / mean));
  for (let i = Math.floor(max / width); i < end; i++)
    counts[i - first] += beyond(i * width) - (i + 1 < end ? beyond((i + 1) * width) : 0);
  return { exponent, first, counts };
}
