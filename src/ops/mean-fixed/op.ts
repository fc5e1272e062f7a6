import { defineOp, ShapeError } from '../../ir/op.js';
import { allocateNumbers, numberData, type QuantType } from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { type FixedPoint, fixedDouble, quantizeMultiplier } from '../../quant/fixed-point.js';
import { isWide } from '../window.js';

/** Sx / Sy / count: the multiplier of Sx / Sy, shifted left as far as 1 / count allows, and divided by it, rounding down. */
export function meanMultiplier(x: QuantType, y: QuantType, count: number): FixedPoint {
  const whole = quantizeMultiplier(scaleAt(x.affine, 0) / scaleAt(y.affine, 0));
  const shift = Math.min(Math.floor(Math.log2(count)), 32, 31 + whole.shift);
  return {
    multiplier: Number((BigInt(whole.multiplier) << BigInt(shift)) / BigInt(count)),
    shift: whole.shift - shift,
  };
}

/** TFLite's quantized mean over the middle dimension. */
export const meanFixed = defineOp({
  kind: 'mean-fixed',
  doc:
    "TFLite's quantized mean over dimension 1 of x [outer, n, inner]: s = sum of (x - Zx), y = clamp(s * m + Zy) with m = Sx/Sy/n " +
    'in fixed point with two roundings.',
  attrs: {},
  operands: ['x'],
  inferShape(_, [x]) {
    if (x.shape.length !== 3 || x.shape[1] < 1) throw new ShapeError('x is [outer, n, inner] with n at least 1');
    return [[x.shape[0], 1, x.shape[2]]];
  },
  check(_, [x], [y]) {
    const isBytes = [x, y].every((t) => t.kind === 'quant' && t.element === 's8' && t.affine.per === 'tensor');
    if (!isBytes && !(isWide(x) && isWide(y)))
      return ['x and y are s8 quantized per tensor, or s16 without zero points'];
    if (x.kind !== 'quant' || y.kind !== 'quant') return [];
    const most = x.element === 's16' ? 2 ** 15 : 2 ** 20;
    if (x.shape[1] > most) return [`the mean is over more than ${most} values`];
    const m = meanMultiplier(x, y, x.shape[1]);
    return m.shift >= -31 && m.shift <= 0 ? [] : ['the scales of x and y are too far apart'];
  },
  evaluate(_, [x], [y]) {
    if (x.type.kind !== 'quant' || y.kind !== 'quant') throw new TypeError('quantized only');
    const [outer, n, inner] = x.type.shape;
    const m = meanMultiplier(x.type, y, n);
    const [zx, zy] = [zeroPointAt(x.type.affine, 0), zeroPointAt(y.affine, 0)];
    const xs = numberData(x);
    const out = allocateNumbers(y);
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += xs[(o * n + k) * inner + i] - zx;
        out[o * inner + i] = Math.max(y.range[0], Math.min(y.range[1], fixedDouble(sum, m) + zy));
      }
    return [{ type: y, data: out }];
  },
});
