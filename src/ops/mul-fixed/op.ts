import { defineOp } from '../../ir/op.js';
import { allocateNumbers, numberData, type QuantType } from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { type FixedPoint, fixedDouble, quantizeMultiplier } from '../../quant/fixed-point.js';
import { broadcastIndex, broadcastShape } from '../broadcast.js';
import { arePlainBytes, isWide } from '../window.js';

/** f32(f32(Sa*Sb)/Sy) as TFLite has it. */
function productReal(a: QuantType, b: QuantType, y: QuantType): number {
  return Math.fround(Math.fround(scaleAt(a.affine, 0) * scaleAt(b.affine, 0)) / scaleAt(y.affine, 0));
}

/** The same in fixed point. */
export function productMultiplier(a: QuantType, b: QuantType, y: QuantType): FixedPoint {
  return quantizeMultiplier(productReal(a, b, y));
}

/** TFLite's quantized multiplication. */
export const mulFixed = defineOp({
  kind: 'mul-fixed',
  doc:
    "TFLite's quantized multiplication: y = clamp((a - Za)(b - Zb) * f32(f32(Sa*Sb)/Sy) + Zy), the multiplier in fixed point " +
    'with two roundings. Operands broadcast.',
  attrs: {},
  operands: ['a', 'b'],
  inferShape: (_, [a, b]) => [broadcastShape(a.shape, b.shape)],
  check(_, types, [y]) {
    const all = [...types, y];
    if (!arePlainBytes(all) && !all.every(isWide))
      return ['a, b and y are 8-bit tensors quantized per tensor, or s16 ones without zero points'];
    const [a, b, product] = all;
    // Products of s16 have 31 bits: none is left to shift.
    return productReal(a, b, product) < (product.element === 's16' ? 1 : 2 ** 13)
      ? []
      : ['the scale of y is too small for those of a and b'];
  },
  evaluate(_, [a, b], [y]) {
    if (a.type.kind !== 'quant' || b.type.kind !== 'quant' || y.kind !== 'quant') throw new TypeError('quantized only');
    const m = productMultiplier(a.type, b.type, y);
    const [as, bs] = [numberData(a), numberData(b)];
    const [za, zb, zy] = [a.type, b.type, y].map((t) => zeroPointAt(t.affine, 0));
    const ai = broadcastIndex(a.type.shape, y.shape);
    const bi = broadcastIndex(b.type.shape, y.shape);
    const out = allocateNumbers(y);
    for (let i = 0; i < out.length; i++) {
      const product = fixedDouble((as[ai[i]] - za) * (bs[bi[i]] - zb), m) + zy;
      out[i] = Math.max(y.range[0], Math.min(y.range[1], product));
    }
    return [{ type: y, data: out }];
  },
});
