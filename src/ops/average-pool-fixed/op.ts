import { defineOp } from '../../ir/op.js';
import { isByte, sameAffine } from '../../ir/type.js';
import { isWide, outputSize, pooled, windowProblems } from '../window.js';

/** Sums of so many s16 values, and half as many more, fit 32 bits. */
const MOST_WIDE_TAPS = 2 ** 15;

/** Integer mean over a sliding window, NHWC: TFLite's. */
export const averagePoolFixed = defineOp({
  kind: 'average-pool-fixed',
  doc:
    "Integer mean over a sliding window of an NHWC tensor, TFLite's: s = sum of the k stored values inside the image, " +
    'y = clamp(s / k to nearest, ties away from zero). x and y have one scale and zero point.',
  attrs: { kernel: 'ints', strides: 'ints', dilations: 'ints', pads: 'ints' },
  operands: ['x'],
  inferShape(a, [x]) {
    const [oh, ow] = outputSize(x.shape, a);
    return [[x.shape[0], oh, ow, x.shape[3]]];
  },
  check(a, [x], [y]) {
    const problems = windowProblems(a);
    if (x.kind !== 'quant' || y.kind !== 'quant' || !(isByte(x) || isWide(x)) || x.element !== y.element)
      return [...problems, 'x and y have 8 bits of one element, or are s16'];
    if (isWide(x) && a.kernel[0] * a.kernel[1] > MOST_WIDE_TAPS)
      return [...problems, `a window of s16 has more than ${MOST_WIDE_TAPS} positions`];
    return sameAffine(x.affine, y.affine) ? problems : [...problems, 'x and y have one scale and zero point'];
  },
  evaluate(a, [x], [y]) {
    if (y.kind !== 'quant') throw new TypeError('quantized only');
    const [low, high] = y.range;
    const data = pooled(a, x, y, (taps) => {
      const sum = taps.reduce((s, v) => s + v, 0);
      return Math.max(low, Math.min(high, roundedMean(sum, taps.length)));
    });
    return [{ type: y, data }];
  },
});

/** sum / count to nearest, ties away from zero: (|sum| + count / 2) / count in integers. */
export function roundedMean(sum: number, count: number): number {
  const size = Math.floor((Math.abs(sum) + Math.floor(count / 2)) / count);
  return sum < 0 && size !== 0 ? -size : size;
}
