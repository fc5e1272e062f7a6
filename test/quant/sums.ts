/** Sums of tensors in memory, as the observers of generated C gather them; written without them. */
import { channelHistogramOf, histogramOf } from '../../src/quant/ranges.js';
import type { TensorSums } from '../../src/quant/statistics.js';

/** x in units of 2^-149, exactly. x is a whole multiple of it. */
export function units(x: number): bigint {
  let [mantissa, shift] = [x, 149];
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    shift--;
  }
  return BigInt(mantissa) << BigInt(shift);
}

/** `samples` of values as [outer, channels, inner]; `axis` is what the channels are in the model. */
export function sumsOf(
  samples: readonly ArrayLike<number>[],
  [outer, channels, inner]: readonly [number, number, number],
  axis: number | undefined,
): TensorSums {
  const all = samples.flatMap((sample) => Array.from(sample));
  const of = (sample: ArrayLike<number>, c: number): number[] =>
    Array.from(sample).filter((_, i) => Math.floor(i / inner) % channels === c);
  if (samples.some((s) => s.length !== outer * channels * inner)) throw new Error('a sample of another size');
  const each = Array.from({ length: channels }, (_, c) => samples.map((sample) => of(sample, c)));
  const low = (values: readonly number[]) => values.reduce((a, b) => (b < a ? b : a)) + 0;
  const high = (values: readonly number[]) => values.reduce((a, b) => (b > a ? b : a)) + 0;
  return {
    count: all.length,
    zeros: all.filter((x) => x === 0).length,
    min: low(all),
    max: high(all),
    histogram: histogramOf(all),
    channels:
      axis === undefined
        ? undefined
        : {
            axis,
            min: Float32Array.from(each, (c) => low(c.flat())),
            max: Float32Array.from(each, (c) => high(c.flat())),
            sum: each.map((c) => c.reduce((sum, values) => sum + units(values.reduce((a, b) => a + b, 0)), 0n)),
            zeros: Float64Array.from(each, (c) => c.flat().filter((x) => x === 0).length),
            histograms: each.map((c) => channelHistogramOf(c.flat())),
          },
  };
}
