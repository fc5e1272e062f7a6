/**
 * The `.qstats` file: statistics of a calibration as lines of JSON. Invariant: equal statistics are equal bytes, whoever
 * gathered them and in whatever parts; what is read is what was written, to the last bit.
 *
 *     {"qstats":2,"model":"<sha256>","name":"m.onnx","inputs":["x [1,3,224,224]"],"preprocess":"","samples":["<digest>", ...]}
 *     {"tensor":"/features.0/Conv_output_0","half":0,"count":..,"zeros":..,"min":..,"max":..,"exponent":-8,"first":-3,
 *      "counts":[..],"axis":1,"channel_min":[..],"channel_max":[..],"channel_sum":["<hex>", ..],
 *      "channel_zeros":[..],"channel_bins":[[exponent, first, counts..], ..]}
 *
 * One line per tensor and half, sorted. Sums count units of 2^-149.
 */
import { error, QccError } from '../diagnostics/diagnostic.js';
import type { Histogram } from '../quant/ranges.js';
import type { ChannelSums, Statistics, Sums, TensorSums } from '../quant/statistics.js';

const VERSION = 2;

export function printStatistics(statistics: Statistics): string {
  const { subject, samples, halves } = statistics;
  const head = {
    qstats: VERSION,
    model: subject.modelSha256,
    name: subject.modelName,
    inputs: subject.inputs,
    preprocess: subject.preprocess,
    samples: [...samples].sort(),
  };
  const names = [...new Set(halves.flatMap((half) => [...half.keys()]))].sort();
  const lines = names.flatMap((name) =>
    halves.flatMap((half, i) => {
      const sums = half.get(name);
      return sums === undefined ? [] : [JSON.stringify(line(name, i, sums))];
    }),
  );
  return `${[JSON.stringify(head), ...lines].join('\n')}\n`;
}

function line(tensor: string, half: number, sums: TensorSums) {
  const { count, zeros, min, max, histogram, channels } = sums;
  const { exponent, first, counts } = histogram;
  const base = { tensor, half, count, zeros, min, max, exponent, first, counts: [...counts] };
  if (channels === undefined) return base;
  return {
    ...base,
    axis: channels.axis,
    channel_min: [...channels.min],
    channel_max: [...channels.max],
    channel_sum: channels.sum.map((sum) => sum.toString(16)),
    channel_zeros: [...channels.zeros],
    channel_bins: channels.histograms.map((h) => [h.exponent, h.first, ...h.counts]),
  };
}

/** Throws QccError Q0801 for what is no such file, naming `file`. */
export function parseStatistics(text: string, file: string): Statistics {
  const wrong = (what: string): QccError =>
    new QccError([
      error(
        'Q0801',
        `${file} is no file of statistics: ${what}`,
        undefined,
        'qcc calibrate MODEL SRC -o FILE makes one',
      ),
    ]);
  const lines = text.split('\n').filter((l) => l !== '');
  const records = lines.map((l, i) => {
    const record = fieldsOf(l);
    if (record === undefined) throw wrong(`line ${i + 1} is not a JSON object`);
    return record;
  });
  const [head, ...rest] = records;
  if (head === undefined) throw wrong('it is empty');
  if (head.qstats !== VERSION) throw wrong(`its format is ${JSON.stringify(head.qstats) ?? 'missing'}, not ${VERSION}`);
  const { model, name, inputs, preprocess, samples } = head;
  if (typeof model !== 'string' || typeof name !== 'string' || typeof preprocess !== 'string')
    throw wrong('line 1 does not say what was calibrated');
  if (!isTexts(inputs) || !isTexts(samples) || !samples.every((s) => /^[0-9a-f]+$/.test(s)))
    throw wrong('line 1 does not list inputs and samples');
  const halves: [Map<string, TensorSums>, Map<string, TensorSums>] = [new Map(), new Map()];
  for (const [i, record] of rest.entries()) {
    const sums = sumsOf(record);
    const { tensor, half } = record;
    if (sums === undefined || typeof tensor !== 'string' || (half !== 0 && half !== 1) || halves[half].has(tensor))
      throw wrong(`line ${i + 2} is not valid`);
    halves[half].set(tensor, sums);
  }
  const subject = { modelSha256: model, modelName: name, inputs, preprocess };
  return { subject, samples: [...samples].sort(), halves: [sorted(halves[0]), sorted(halves[1])] };
}

function sorted(sums: Sums): Sums {
  return new Map([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function sumsOf(record: Fields): TensorSums | undefined {
  const { count, zeros, min, max, exponent, first, counts } = record;
  if (!isCount(count) || !isCount(zeros) || typeof min !== 'number' || typeof max !== 'number') return undefined;
  if (!Number.isInteger(exponent) || !Number.isInteger(first) || !isNumbers(counts) || !counts.every(isCount))
    return undefined;
  if (typeof exponent !== 'number' || typeof first !== 'number') return undefined;
  if (counts.reduce((a, b) => a + b, 0) !== count) return undefined;
  const base = { count, zeros, min, max, histogram: { exponent, first, counts: Float64Array.from(counts) } };
  if (record.axis === undefined) return { ...base, channels: undefined };
  const channels = channelsOf(record);
  return channels === undefined ? undefined : { ...base, channels };
}

function channelsOf(record: Fields): ChannelSums | undefined {
  const { axis, channel_min: min, channel_max: max, channel_sum: sum } = record;
  const { channel_zeros: zeros, channel_bins: bins } = record;
  if (!isCount(axis) || !isNumbers(min) || !isNumbers(max) || !isTexts(sum)) return undefined;
  if (!isNumbers(zeros) || !zeros.every(isCount) || !Array.isArray(bins)) return undefined;
  if ([max, sum, zeros, bins].some((list) => list.length !== min.length)) return undefined;
  if (!sum.every((s) => /^-?[0-9a-f]+$/.test(s))) return undefined;
  const histograms = bins.flatMap((stored: unknown) => histogramOf(stored) ?? []);
  if (histograms.length !== bins.length) return undefined;
  return {
    axis,
    min: Float32Array.from(min),
    max: Float32Array.from(max),
    sum: sum.map(bigintOf),
    zeros: Float64Array.from(zeros),
    histograms,
  };
}

function histogramOf(stored: unknown): Histogram | undefined {
  if (!isNumbers(stored)) return undefined;
  const [exponent, first, ...counts] = stored;
  if (!Number.isInteger(exponent) || !Number.isInteger(first) || !counts.every(isCount)) return undefined;
  return { exponent, first, counts: Float64Array.from(counts) };
}

function bigintOf(hex: string): bigint {
  return hex.startsWith('-') ? -BigInt(`0x${hex.slice(1)}`) : BigInt(`0x${hex}`);
}
