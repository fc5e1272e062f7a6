import { defineOp } from '../../ir/op.js';
import { allocateNumbers, isByte, numberData, type QuantType } from '../../ir/type.js';
import { zeroPointAt } from '../../quant/affine.js';
import { type FixedPoint, fixedDouble } from '../../quant/fixed-point.js';

/** Of `fixedDouble`: v * 2^left is an int32 for every v = x - Zx. */
function fits({ range, affine }: QuantType, { multiplier, shift }: FixedPoint): boolean {
  const zero = zeroPointAt(affine, 0);
  const largest = Math.max(zero - range[0], range[1] - zero, 0);
  return multiplier >= 0 && multiplier < 2 ** 31 && shift >= -31 && largest * 2 ** Math.max(0, shift) < 2 ** 30;
}

export function pairOf([multiplier, shift]: readonly number[]): FixedPoint {
  return { multiplier, shift };
}

/** Stored integers at another scale: TFLite's QUANTIZE, RELU and LEAKY_RELU where int16 takes part. */
export const rescaleFixed = defineOp({
  kind: 'rescale-fixed',
  doc:
    "TFLite's change of scale: with v = x - Zx, y = clamp(v * above + Zy) where v >= 0, else clamp(v * below + Zy), or of -below where " +
    '`negates`; `above` and `below` are a 31-bit multiplier and a shift, with two roundings.',
  attrs: { above: 'ints', below: 'ints', negates: 'bool' },
  operands: ['x'],
  inferShape: (_, [x]) => [x.shape],
  check({ above, below }, [x], [y]) {
    const isStored = [x, y].every(
      (t) => (t.element === 's16' || isByte(t)) && t.kind === 'quant' && t.affine.per === 'tensor',
    );
    if (!isStored || x.kind !== 'quant') return ['x and y have 8 bits or are s16, quantized per tensor'];
    if (above.length !== 2 || below.length !== 2) return ['above and below are a multiplier and a shift'];
    return fits(x, pairOf(above)) && fits(x, pairOf(below)) ? [] : ['the scale of y is too small for that of x'];
  },
  evaluate({ above, below, negates }, [x], [y]) {
    if (x.type.kind !== 'quant' || y.kind !== 'quant') throw new TypeError('quantized only');
    const [zx, zy] = [zeroPointAt(x.type.affine, 0), zeroPointAt(y.affine, 0)];
    const [low, high] = y.range;
    const out = allocateNumbers(y);
    for (const [i, q] of numberData(x).entries()) {
      const v = q - zx;
      const scaled = v >= 0 ? fixedDouble(v, pairOf(above)) : (negates ? -1 : 1) * fixedDouble(v, pairOf(below));
      out[i] = Math.max(low, Math.min(high, scaled + zy));
    }
    return [{ type: y, data: out }];
  },
});
