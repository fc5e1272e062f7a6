/**
 * What observers of a float model gather, in a form that adds up. Invariant: `added` is exact, associative and
 * commutative, so statistics of shards are those of the whole, however the samples were dealt out.
 */
import {
  accumulatedHistogram,
  addedHistograms,
  type ChannelStats,
  type Histogram,
  type Ranges,
  type TensorStats,
} from './ranges.js';

/** Sums are whole multiples of this: what float32 values, and double sums of them, are multiples of. */
export const SUM_UNIT = 2 ** -149;

export interface ChannelSums {
  /** Axis in the tensor as the model has it. */
  readonly axis: number;
  readonly min: Float32Array;
  readonly max: Float32Array;
  /** In units of 2^-149: each sample's values added in double in the order of memory, samples exactly. */
  readonly sum: readonly bigint[];
  readonly zeros: Float64Array;
  readonly histograms: readonly Histogram[];
}

/** Of one tensor over some samples, at least one. */
export interface TensorSums {
  readonly count: number;
  readonly zeros: number;
  readonly min: number;
  readonly max: number;
  readonly histogram: Histogram;
  readonly channels: ChannelSums | undefined;
}

export type Sums = ReadonlyMap<string, TensorSums>;

/** Samples fall into two halves by their own digest, so that ranges of one can be held against the other's. */
export interface Statistics {
  /** What was observed on what: statistics of different ones do not add up. */
  readonly subject: Subject;
  /** Digests, sorted; one that was observed twice is there twice. */
  readonly samples: readonly string[];
  readonly halves: readonly [Sums, Sums];
}

export interface Subject {
  /** Of the model file and of the data beside it. */
  readonly modelSha256: string;
  /** File name, for messages alone. */
  readonly modelName: string;
  /** Shapes of the inputs, as `x [1,3,224,224]`. */
  readonly inputs: readonly string[];
  /** `--preprocess` in its canonical spelling; empty without. */
  readonly preprocess: string;
}

/** Which half a sample belongs to. */
export function halfOf(digest: string): 0 | 1 {
  return Number.parseInt(digest[0], 16) < 8 ? 0 : 1;
}

export function emptyStatistics(subject: Subject): Statistics {
  return { subject, samples: [], halves: [new Map(), new Map()] };
}

/** Both together. The subjects must be equal; see `differingSubject`. */
export function added(a: Statistics, b: Statistics): Statistics {
  return addedWith(a, b, addedHistograms);
}

/** The same in the memory of `into`, which is of no use afterwards: so that many parts need no more memory than one. */
export function accumulated(into: Statistics, part: Statistics): Statistics {
  // Names of one tensor share its histograms, which are to grow once.
  const grown = new Map<Histogram, Histogram>();
  return addedWith(into, part, (x, y) => {
    const sum = grown.get(x) ?? accumulatedHistogram(x, y);
    grown.set(x, sum);
    return sum;
  });
}

type AddHistograms = (a: Histogram, b: Histogram) => Histogram;

function addedWith(a: Statistics, b: Statistics, add: AddHistograms): Statistics {
  return {
    subject: a.subject,
    samples: [...a.samples, ...b.samples].sort(),
    halves: [addedSums(a.halves[0], b.halves[0], add), addedSums(a.halves[1], b.halves[1], add)],
  };
}

/** What differs, in words; undefined if statistics of both may be added. */
export function differingSubject(a: Subject, b: Subject): string | undefined {
  if (a.modelSha256 !== b.modelSha256) return `models "${a.modelName}" and "${b.modelName}"`;
  if (a.inputs.join() !== b.inputs.join()) return `inputs ${a.inputs.join(', ')} and ${b.inputs.join(', ')}`;
  if (a.preprocess === b.preprocess) return undefined;
  return `--preprocess ${a.preprocess || 'none'} and ${b.preprocess || 'none'}`;
}

/** Samples that both have. */
export function overlap(a: readonly string[], b: readonly string[]): number {
  const known = new Set(a);
  return new Set(b.filter((digest) => known.has(digest))).size;
}

function addedSums(a: Sums, b: Sums, add: AddHistograms): Sums {
  const names = [...new Set([...a.keys(), ...b.keys()])].sort();
  return new Map(
    names.flatMap((name) => {
      const [x, y] = [a.get(name), b.get(name)];
      const sum = x === undefined || y === undefined ? (x ?? y) : addedTensors(x, y, add);
      return sum === undefined ? [] : [[name, sum] as const];
    }),
  );
}

function addedTensors(a: TensorSums, b: TensorSums, add: AddHistograms): TensorSums {
  const channels =
    a.channels === undefined || b.channels === undefined ? undefined : addedChannels(a.channels, b.channels, add);
  return {
    count: a.count + b.count,
    zeros: a.zeros + b.zeros,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    histogram: add(a.histogram, b.histogram),
    channels,
  };
}

function addedChannels(a: ChannelSums, b: ChannelSums, add: AddHistograms): ChannelSums {
  return {
    axis: a.axis,
    min: a.min.map((x, c) => Math.min(x, b.min[c])),
    max: a.max.map((x, c) => Math.max(x, b.max[c])),
    sum: a.sum.map((x, c) => x + b.sum[c]),
    zeros: a.zeros.map((n, c) => n + b.zeros[c]),
    histograms: a.histograms.map((h, c) => add(h, b.histograms[c])),
  };
}

/** What `compile` takes: statistics of all samples. */
export function rangesOf(statistics: Statistics): Ranges {
  const all = addedSums(statistics.halves[0], statistics.halves[1], addedHistograms);
  return new Map([...all].map(([name, sums]) => [name, tensorStatsOf(sums)]));
}

/** Of one half alone. */
export function rangesOfHalf(statistics: Statistics, half: 0 | 1): Ranges {
  return new Map([...statistics.halves[half]].map(([name, sums]) => [name, tensorStatsOf(sums)]));
}

function tensorStatsOf(sums: TensorSums): TensorStats {
  const { channels, ...rest } = sums;
  return { ...rest, channels: channels === undefined ? undefined : channelStatsOf(channels, sums.count) };
}

function channelStatsOf(channels: ChannelSums, count: number): ChannelStats {
  const each = count / channels.sum.length;
  return {
    axis: channels.axis,
    min: channels.min,
    max: channels.max,
    mean: Float64Array.from(channels.sum, (sum) => (Number(sum) * SUM_UNIT) / each),
    zeros: channels.zeros,
    histograms: channels.histograms,
  };
}

/** Metadata of a quantized model: which samples it was calibrated on, the first 8 digits of each digest, in a row. */
export const CALIBRATED_ON = 'qcc_calibration_samples';
const MARK_DIGITS = 8;

export function calibrationMark(samples: readonly string[]): string {
  return [...new Set(samples.map(markOf))].sort().join('');
}

/** What a mark holds of one sample. */
export function markOf(digest: string): string {
  return digest.slice(0, MARK_DIGITS);
}

export function marksIn(text: string | undefined): ReadonlySet<string> {
  return new Set(text?.match(/[0-9a-f]{8}/g) ?? []);
}
