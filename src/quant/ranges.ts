/**
 * What calibration knows about the tensors of a float model, and the bins it counts in. Invariant: bins are half-open,
 * [i, i + 1) * 2^exponent, anchored at zero, so that two bins join into one of the next exponent without a remainder:
 * statistics of parts of the data add up to those of the whole, in any order.
 */

/** Bins on each side of zero. A histogram has the smallest exponent with which all values fit. */
export const SIDE_BINS = 2048;

/** The same for a single channel: enough to tell what a clip cuts off of it. */
export const CHANNEL_SIDE_BINS = 64;

/** Exponent of a histogram that has seen nothing but zeros: every float32 is a multiple of 2^-149. */
export const SMALLEST_EXPONENT = -149;

/** How many values x have floor(x / 2^exponent) = first + i, for each i of `counts`. */
export interface Histogram {
  readonly exponent: number;
  /** At least -SIDE_BINS; the first and the last count are not 0 unless there are no values. */
  readonly first: number;
  /** Whole numbers. */
  readonly counts: Float64Array;
}

/** Per slice of one axis of the tensor; bounds of all samples, exact. */
export interface ChannelStats {
  /** Axis in the tensor as the model has it. */
  readonly axis: number;
  readonly min: Float32Array;
  readonly max: Float32Array;
  /** Of the finite values: their exact sum, rounded once, over their number. */
  readonly mean: Float64Array;
  /** Values that are exactly 0. */
  readonly zeros: Float64Array;
  /** Of CHANNEL_SIDE_BINS on each side. */
  readonly histograms: readonly Histogram[];
}

/** What is known about one float32 tensor over all samples. */
export interface TensorStats {
  readonly min: number;
  readonly max: number;
  /** Values seen. */
  readonly count: number;
  /** Values that are exactly 0. */
  readonly zeros: number;
  readonly histogram: Histogram;
  /** Undefined for tensors of rank 0 and 1, and where the axis has one slice. */
  readonly channels: ChannelStats | undefined;
}

/** By the ONNX name of the tensor in the float model, as its file spells it. */
export type Ranges = ReadonlyMap<string, TensorStats>;

/** The smallest exponent with which x has a bin. Throws for what is not finite. */
export function exponentFor(x: number): number {
  return exponentWith(x, SIDE_BINS);
}

function exponentWith(x: number, side: number): number {
  if (!Number.isFinite(x)) throw new RangeError(`${x} has no bin`);
  let exponent = SMALLEST_EXPONENT;
  while (!fits(x, exponent, side)) exponent++;
  return exponent;
}

function fits(x: number, exponent: number, side: number): boolean {
  const bin = Math.floor(x / 2 ** exponent);
  return bin >= -side && bin < side;
}

/** The same values in wider bins. */
export function widened(histogram: Histogram, exponent: number): Histogram {
  const shift = exponent - histogram.exponent;
  if (shift < 0) throw new RangeError('bins of a histogram only grow');
  if (shift === 0 || histogram.counts.length === 0) return { ...histogram, exponent };
  const factor = 2 ** shift;
  const first = Math.floor(histogram.first / factor);
  const last = Math.floor((histogram.first + histogram.counts.length - 1) / factor);
  const counts = new Float64Array(last - first + 1);
  for (const [i, n] of histogram.counts.entries()) counts[Math.floor((histogram.first + i) / factor) - first] += n;
  return { exponent, first, counts };
}

/** The values of both. */
export function addedHistograms(a: Histogram, b: Histogram): Histogram {
  const exponent = Math.max(a.exponent, b.exponent);
  const [x, y] = [widened(a, exponent), widened(b, exponent)];
  if (x.counts.length === 0) return y;
  if (y.counts.length === 0) return x;
  const first = Math.min(x.first, y.first);
  const end = Math.max(x.first + x.counts.length, y.first + y.counts.length);
  const counts = new Float64Array(end - first);
  for (const h of [x, y]) for (const [i, n] of h.counts.entries()) counts[h.first - first + i] += n;
  return { exponent, first, counts };
}

/** The same, in the memory of `into` where its bins hold those of `part`: nothing else may hold those counts. */
export function accumulatedHistogram(into: Histogram, part: Histogram): Histogram {
  const offset = part.first - into.first;
  const isInside = offset >= 0 && offset + part.counts.length <= into.counts.length;
  if (part.counts.length === 0 || part.exponent !== into.exponent || !isInside) return addedHistograms(into, part);
  for (let i = 0; i < part.counts.length; i++) into.counts[offset + i] += part.counts[i];
  return into;
}

/** Of values in memory; non-finite ones are left out. The observers of generated C count the same. */
export function histogramOf(values: Iterable<number>): Histogram {
  return binned(values, SIDE_BINS);
}

/** The same with the bins of a channel. */
export function channelHistogramOf(values: Iterable<number>): Histogram {
  return binned(values, CHANNEL_SIDE_BINS);
}

function binned(values: Iterable<number>, side: number): Histogram {
  const finite = [...values].filter(Number.isFinite);
  const exponent = finite.reduce((e, x) => (fits(x, e, side) ? e : exponentWith(x, side)), SMALLEST_EXPONENT);
  const bins = finite.map((x) => Math.floor(x / 2 ** exponent) + 0);
  if (bins.length === 0) return { exponent, first: 0, counts: new Float64Array(0) };
  const first = bins.reduce((a, b) => Math.min(a, b));
  const last = bins.reduce((a, b) => Math.max(a, b));
  const counts = new Float64Array(last - first + 1);
  for (const bin of bins) counts[bin - first]++;
  return { exponent, first, counts };
}

/** Statistics of values in memory, without channels. */
export function tensorStats(values: Iterable<number>): TensorStats {
  const all = [...values];
  return {
    min: all.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    max: all.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
    count: all.length,
    zeros: all.filter((x) => x === 0).length,
    histogram: histogramOf(all),
    channels: undefined,
  };
}
