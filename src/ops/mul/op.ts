import { defineOp } from '../../ir/op.js';
import { allocateNumbers, numberData, type QuantType } from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { multiplier, roundWithZero } from '../../quant/requantize.js';
import { broadcastIndex, broadcastShape } from '../broadcast.js';
import { areStored } from '../window.js';

/** f32(f32(Sa*Sb)/Sy) */
export function mulRatio(a: QuantType, b: QuantType, y: QuantType): number {
  return multiplier(scaleAt(a.affine, 0), scaleAt(b.affine, 0), scaleAt(y.affine, 0));
}

/** Quantized multiplication. */
export const mul = defineOp({
  kind: 'mul',
  doc:
    'Quantized multiplication, ONNX Runtime x86 formula: y = clamp(rne(f32(f32(f32(p) * m) + Zy))) with the exact product ' +
    'p = (a - Za)(b - Zb) and m = f32(f32(Sa*Sb)/Sy); the zero point is inside the rounding, which is that of u8 (y + 128) ' +
    'for s8 too. Operands broadcast. s16 without a zero point may stand for 8 bits in any place.',
  attrs: {},
  operands: ['a', 'b'],
  inferShape: (_, [a, b]) => [broadcastShape(a.shape, b.shape)],
  check(_, types, [y]) {
    const all = [...types, y];
    if (!areStored(all)) return ['a, b and y are 8-bit tensors quantized per tensor, or s16 without a zero point'];
    const [a, b, product] = all;
    return Number.isFinite(mulRatio(a, b, product)) ? [] : ['the scale of y is too small for those of a and b'];
  },
  evaluate(_, [a, b], [y]) {
    if (a.type.kind !== 'quant' || b.type.kind !== 'quant' || y.kind !== 'quant') throw new TypeError('quantized only');
    const m = mulRatio(a.type, b.type, y);
    const [za, zb, zy] = [a.type, b.type, y].map((t) => zeroPointAt(t.affine, 0));
    const [as, bs] = [numberData(a), numberData(b)];
    const ai = broadcastIndex(a.type.shape, y.shape);
    const bi = broadcastIndex(b.type.shape, y.shape);
    const out = allocateNumbers(y);
    for (let i = 0; i < out.length; i++) {
      const product = (as[ai[i]] - za) * (bs[bi[i]] - zb);
      out[i] = roundWithZero(Math.fround(product * m), zy, y.range[0], y.range[1], y.element === 's8');
    }
    return [{ type: y, data: out }];
  },
});
