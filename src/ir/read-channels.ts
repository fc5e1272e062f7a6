/**
 * What a convolution reads, channel by channel, as calibration saw it: how much an error of each weight matters, and what the
 * errors of all of them add to an output on average.
 */
import { clippingShift, meanSquares } from '../quant/channel-stats.js';
import type { Range } from '../quant/range-choice.js';
import type { ChannelStats } from '../quant/ranges.js';
import type { Gram } from '../quant/reconstruct.js';
import type { Node } from './graph.js';

/** Of each channel that a convolution reads. */
export interface InputChannels {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  /** What clipping adds to the mean. */
  readonly shift: Float64Array;
}

export interface Reads {
  readonly conv: Node<'conv2d'>;
  readonly input: InputChannels;
}

export function inputChannels(channels: ChannelStats, range: Range): InputChannels {
  const { mean } = channels;
  const variance = meanSquares(channels).map((square, c) => Math.max(0, square - mean[c] ** 2));
  return { mean, variance, shift: clippingShift(channels, range) };
}

/** The channel that the first of an output's weights reads. */
function firstChannel({ operands: [, w], attrs }: Node<'conv2d'>, output: number): number {
  const [oc, , , cg] = w.type.shape;
  return Math.floor(output / (oc / attrs.groups)) * cg;
}

/** What a squared error of each of an output's weights adds to its noise: the mean of it is the bias's to take up. */
export function weightPowers({ conv, input }: Reads, output: number): Float64Array {
  const [, kh, kw, cg] = conv.operands[1].type.shape;
  const first = firstChannel(conv, output);
  return Float64Array.from({ length: kh * kw * cg }, (_, k) => input.variance[first + (k % cg)]);
}

/** Of each tap, the share of the outputs for which it lies inside the image: padding is zero, and stays it. */
function insideShares({ attrs, operands: [x, w], results }: Node<'conv2d'>): Float64Array {
  const along = (axis: 0 | 1): readonly number[] => {
    const [size, outputs] = [x.type.shape[1 + axis], results[0].type.shape[1 + axis]];
    return Array.from({ length: w.type.shape[1 + axis] }, (_, k) => {
      let inside = 0;
      for (let o = 0; o < outputs; o++) {
        const at = o * attrs.strides[axis] + k * attrs.dilations[axis] - attrs.pads[axis];
        if (at >= 0 && at < size) inside++;
      }
      return inside / outputs;
    });
  };
  const columns = along(1);
  return Float64Array.from(along(0).flatMap((row) => columns.map((column) => row * column)));
}

/**
 * What rounding the weights and clipping the activation adds to each output on average, sum of stored * scale * mean(clip(x))
 * - w * mean(x): Nagel et al. 2019, "Data-free quantization through weight equalization and bias correction", 4.2, with means
 * that were measured.
 * @param grams of each group, where the mean of what every weight reads is known.
 */
export function meanErrors(
  { conv, input: { mean, shift } }: Reads,
  stored: Int8Array,
  reals: Float32Array,
  scales: Float32Array,
  grams: readonly Gram[] | undefined,
): Float64Array {
  const [oc, kh, kw, cg] = conv.operands[1].type.shape;
  const errors = new Float64Array(oc);
  const shares = insideShares(conv);
  for (let o = 0; o < oc; o++) {
    const first = firstChannel(conv, o);
    const gram = grams?.[Math.floor((o * grams.length) / oc)];
    for (let k = 0; k < kh * kw * cg; k++) {
      const share = shares[Math.floor(k / cg)];
      const c = first + (k % cg);
      const before = gram === undefined ? share * mean[c] : gram.totals[k] / Math.max(1, gram.rows);
      const at = o * kh * kw * cg + k;
      errors[o] += stored[at] * scales[o] * (before + share * shift[c]) - reals[at] * before;
    }
  }
  return errors;
}
