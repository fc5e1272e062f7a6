/** What statistics say about data and model before anything is quantized. Pure. */
import { mseRange } from './range-choice.js';
import type { Ranges, TensorStats } from './ranges.js';
import { rangesOf, rangesOfHalf, type Statistics } from './statistics.js';

export interface Movement {
  readonly tensor: string;
  /** Distance of the ends of the ranges that either half of the samples would choose, over the range of all. */
  readonly share: number;
}

const grid = { levels: 256, symmetric: false };

/** How far ranges depend on which samples were there, the worst first. Infinite where a half has no sample. */
export function movements(statistics: Statistics): readonly Movement[] {
  const [a, b] = [rangesOfHalf(statistics, 0), rangesOfHalf(statistics, 1)];
  const found = [...rangesOf(statistics)].map(([tensor, stats]): Movement => {
    const [x, y] = [a.get(tensor), b.get(tensor)];
    if (x === undefined || y === undefined) return { tensor, share: Number.POSITIVE_INFINITY };
    const [p, q, all] = [x, y, stats].map((s) => mseRange(s, grid));
    const span = all.max - all.min;
    const moved = Math.max(Math.abs(p.max - q.max), Math.abs(p.min - q.min));
    return { tensor, share: span === 0 ? 0 : moved / span };
  });
  return found.sort((p, q) => q.share - p.share || (p.tensor < q.tensor ? -1 : 1));
}

/** Tensors with one value in all samples. */
export function constantTensors(ranges: Ranges): readonly (readonly [string, TensorStats])[] {
  return [...ranges].filter(([, { min, max }]) => min === max);
}

/** Channels that are zero in every sample: how many of them. */
export function zeroChannels({ channels }: TensorStats): number {
  if (channels === undefined) return 0;
  return channels.min.reduce((n, min, c) => n + (min === 0 && channels.max[c] === 0 ? 1 : 0), 0);
}

export interface Normalization {
  /** The tensor a batch normalization makes. */
  readonly output: string;
  /** What each channel of it was in training: its mean, and its deviation. */
  readonly mean: ArrayLike<number>;
  readonly deviation: ArrayLike<number>;
}

export interface Spread {
  readonly output: string;
  /** Median over the channels, in deviations: how far the mean is off, and from the smallest to the largest value. */
  readonly offset: number;
  readonly span: number;
}

/** How the data compares with what a batch normalization was trained on; undefined where that is not known. */
export function spreadOf(ranges: Ranges, { output, mean, deviation }: Normalization): Spread | undefined {
  const channels = ranges.get(output)?.channels;
  if (channels === undefined || channels.mean.length !== mean.length) return undefined;
  const median = (of: (c: number, deviation: number) => number): number => {
    const values = Array.from(channels.mean, (_, c) => ({ c, d: Math.abs(deviation[c]) }))
      .filter(({ d }) => d > 1e-6)
      .map(({ c, d }) => of(c, d))
      .sort((a, b) => a - b);
    return values[values.length >> 1];
  };
  const offset = median((c, d) => Math.abs(channels.mean[c] - mean[c]) / d);
  const span = median((c, d) => (channels.max[c] - channels.min[c]) / d);
  return offset === undefined || span === undefined ? undefined : { output, offset, span };
}
