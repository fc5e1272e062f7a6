import { defineOp } from '../../ir/op.js';
import { allocateNumbers, elementRange, isByte, numberData, type QuantType } from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { dividePowerOfTwo, doublingHighMultiply, quantizeMultiplier } from '../../quant/fixed-point.js';
import { expOnNegative, multiplyFixed, reciprocal } from '../../quant/gemmlowp.js';

const DIFF_BITS = 5;
/** Integer bits of the sum of exponentials. */
export const SUM_BITS = 12;
/** Sums above this leave the 12 integer bits. */
export const MAX_DIM = 4095;

/** Entry d: exp(-d * sx * beta) in Q31, 0 where TFLite does not look. */
export function exponentials(sx: number, beta: number): Int32Array {
  const real = Math.min(beta * sx * 2 ** (31 - DIFF_BITS), 2 ** 31 - 1);
  const { multiplier, shift } = quantizeMultiplier(real);
  const radius = Math.floor(((2 ** DIFF_BITS - 1) * 2 ** (31 - DIFF_BITS)) / 2 ** shift);
  return Int32Array.from({ length: 256 }, (_, d) =>
    d > radius ? 0 : expOnNegative(doublingHighMultiply(-d * 2 ** shift, multiplier), DIFF_BITS),
  );
}

/** True if TFLite can scale x at all: it wants sx * beta above 2^-26. */
export function isScalable(sx: number, beta: number): boolean {
  return beta * sx * 2 ** (31 - DIFF_BITS) > 1;
}

function isUnit(y: QuantType): boolean {
  return scaleAt(y.affine, 0) === 2 ** -8 && zeroPointAt(y.affine, 0) === elementRange[y.element][0];
}

/** TFLite's softmax of stored integers, over the last dimension. */
export const softmaxFixed = defineOp({
  kind: 'softmax-fixed',
  doc:
    "TFLite's softmax of 8 stored bits over the last dimension, in gemmlowp's fixed point: e = exp((x - max) * Sx * beta) in Q31, " +
    's = sum of e in Q12.19, y = e * (1 / s) rounded to 1/256, from the smallest stored value up.',
  attrs: { beta: 'float' },
  operands: ['x'],
  inferShape: (_, [x]) => [x.shape],
  check(a, [x], [y]) {
    if (x.kind !== 'quant' || y.kind !== 'quant' || !isByte(x) || !isByte(y)) return ['x and y have 8 bits'];
    if (x.affine.per !== 'tensor' || y.affine.per !== 'tensor') return ['x and y are quantized per tensor'];
    if (!isUnit(y)) return ['y has scale 1/256 and the smallest stored value as zero point'];
    if (!isScalable(scaleAt(x.affine, 0), a.beta)) return ['the scale of x times beta is at most 2^-26'];
    return (x.shape.at(-1) ?? 0) <= MAX_DIM ? [] : [`the last dimension has more than ${MAX_DIM} entries`];
  },
  evaluate(a, [x], [y]) {
    if (x.type.kind !== 'quant' || y.kind !== 'quant') throw new TypeError('quantized only');
    const table = exponentials(scaleAt(x.type.affine, 0), a.beta);
    const xs = numberData(x);
    const out = allocateNumbers(y);
    const dim = y.shape[y.shape.length - 1];
    const [low, high] = elementRange[y.element];
    for (let row = 0; row < xs.length; row += dim) {
      let max = xs[row];
      for (let i = 1; i < dim; i++) max = Math.max(max, xs[row + i]);
      let sum = 0;
      for (let i = 0; i < dim; i++) sum += dividePowerOfTwo(table[max - xs[row + i]], SUM_BITS);
      const { scale, exponent } = reciprocal(sum, SUM_BITS);
      for (let i = 0; i < dim; i++) {
        const share = dividePowerOfTwo(multiplyFixed(scale, table[max - xs[row + i]]), exponent + 23);
        out[row + i] = Math.min(high, share + low);
      }
    }
    return [{ type: y, data: out }];
  },
});
