/**
 * Statistics of a tensor made of those of its channels: what calibration would have counted had the channels been scaled, and
 * counts in which a channel weighs as much as its errors matter. Invariant: a scale is a power of two, so that bins stay bins.
 */
import { addedHistograms, type ChannelStats, type Histogram, type TensorStats } from './ranges.js';

/** Channel c divided by `scales[c]`, a power of two. The statistics tell channels apart. */
export function scaledStats(stats: TensorStats, channels: ChannelStats, scales: Float64Array): TensorStats {
  const divided = (values: Float32Array) => values.map((v, c) => v / scales[c]);
  const scaled: ChannelStats = {
    ...channels,
    min: divided(channels.min),
    max: divided(channels.max),
    mean: channels.mean.map((m, c) => m / scales[c]),
    histograms: channels.histograms.map((h, c) => ({ ...h, exponent: h.exponent - Math.log2(scales[c]) })),
  };
  return { ...stats, ...bounds(scaled), histogram: scaled.histograms.reduce(addedHistograms), channels: scaled };
}

function bounds({ min, max }: ChannelStats) {
  return { min: min.reduce((a, b) => Math.min(a, b)), max: max.reduce((a, b) => Math.max(a, b)) };
}

/** Each value of channel c counted `weights[c]` times. */
export function weightedStats(stats: TensorStats, channels: ChannelStats, weights: Float64Array): TensorStats {
  const histogram = channels.histograms
    .map((h, c): Histogram => ({ ...h, counts: h.counts.map((n) => n * weights[c]) }))
    .reduce(addedHistograms);
  const zeros = channels.zeros.reduce((sum, n, c) => sum + n * weights[c], 0);
  const count = histogram.counts.reduce((a, b) => a + b, 0);
  return { ...stats, ...bounds(channels), count, zeros, histogram };
}

/** One channel as a tensor. */
export function channelAlone(channels: ChannelStats, c: number): TensorStats {
  const histogram = channels.histograms[c];
  return {
    min: channels.min[c],
    max: channels.max[c],
    count: histogram.counts.reduce((a, b) => a + b, 0),
    zeros: channels.zeros[c],
    histogram,
    channels: undefined,
  };
}

/** Mean of the squares of each channel, values taken as spread evenly over their bin. */
export function meanSquares(channels: ChannelStats): Float64Array {
  return Float64Array.from(channels.histograms, (h, c) => {
    const { counts, first, exponent } = h;
    let [sum, count] = [0, 0];
    for (const [i, n] of counts.entries()) {
      count += n;
      const inner = first + i === 0 ? n - channels.zeros[c] : n;
      sum += inner * ((first + i + 0.5) ** 2 + 1 / 12);
    }
    return count === 0 ? 0 : (sum / count) * 4 ** exponent;
  });
}

/** What clipping to the range adds to the mean of each channel, values taken as spread evenly over their bin. */
export function clippingShift(
  channels: ChannelStats,
  range: { readonly min: number; readonly max: number },
): Float64Array {
  return Float64Array.from(channels.histograms, ({ counts, first, exponent }, c) => {
    const width = 2 ** exponent;
    let [sum, count] = [0, 0];
    for (const [i, n] of counts.entries()) {
      count += n;
      const low = Math.max((first + i) * width, channels.min[c]);
      const high = Math.min((first + i + 1) * width, channels.max[c]);
      sum += n * (meanExcess(-high, -low, -range.min) - meanExcess(low, high, range.max));
    }
    return count === 0 ? 0 : sum / count;
  });
}

/** Mean of max(0, x - limit) for x evenly spread over [low, high]. */
function meanExcess(low: number, high: number, limit: number): number {
  if (high <= limit) return 0;
  if (low >= limit || high <= low) return (low + high) / 2 - limit;
  return (high - limit) ** 2 / (2 * (high - low));
}
