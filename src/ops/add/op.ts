import { defineOp } from '../../ir/op.js';
import { allocateNumbers, numberData, type QuantType, type Shape } from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { fma32 } from '../../quant/fma.js';
import { roundHalfEven } from '../../quant/requantize.js';
import { broadcastIndex, broadcastShape } from '../broadcast.js';
import { areStored } from '../window.js';

/** The three float constants of a quantized addition. */
export interface AddConstants {
  readonly a: number;
  readonly b: number;
  readonly fixed: number;
}

/** a = f32(Sa/Sy), b = f32(Sb/Sy), fixed = f32(Zy - fma(a, Za, f32(b*Zb))). */
export function addConstants(x: QuantType, r: QuantType, y: QuantType): AddConstants {
  const f = Math.fround;
  const a = f(scaleAt(x.affine, 0) / scaleAt(y.affine, 0));
  const b = f(scaleAt(r.affine, 0) / scaleAt(y.affine, 0));
  const zeros = fma32(a, zeroPointAt(x.affine, 0), f(b * zeroPointAt(r.affine, 0)));
  return { a, b, fixed: f(zeroPointAt(y.affine, 0) - zeros) };
}

/**
 * Whether ONNX Runtime adds (b, a) where the model says (a, b): it does when a is the one that repeats along the innermost
 * dimension in which the two differ from 1. The operands are not interchangeable: the inner fma takes the second one.
 */
export function addsSwapped(a: Shape, b: Shape): boolean {
  for (let i = 1; i <= Math.max(a.length, b.length); i++) {
    const [p, q] = [a[a.length - i] ?? 1, b[b.length - i] ?? 1];
    if (p !== 1 || q !== 1) return p === 1;
  }
  return false;
}

/** Quantized addition. */
export const add = defineOp({
  kind: 'add',
  doc:
    'Quantized addition, ONNX Runtime x86 formula: y = clamp(rne(fma(a, ra, fma(b, rb, fixed)))) with ra = f32(Sa/Sy), ' +
    'rb = f32(Sb/Sy), fixed = f32(Zy - fma(ra, Za, f32(rb*Zb))); the zero point is inside the rounding. Operands broadcast. ' +
    's16 without a zero point may stand for 8 bits in any place.',
  attrs: {},
  operands: ['a', 'b'],
  inferShape: (_, [a, b]) => [broadcastShape(a.shape, b.shape)],
  check(_, types, [y]) {
    const all = [...types, y];
    if (!areStored(all)) return ['a, b and y are 8-bit tensors quantized per tensor, or s16 without a zero point'];
    const [a, b, sum] = all;
    const { a: ratioA, b: ratioB, fixed } = addConstants(a, b, sum);
    return [ratioA, ratioB, fixed].every(Number.isFinite) ? [] : ['the scale of y is too small for those of a and b'];
  },
  evaluate(_, [a, b], [y]) {
    if (a.type.kind !== 'quant' || b.type.kind !== 'quant' || y.kind !== 'quant') throw new TypeError('quantized only');
    const c = addConstants(a.type, b.type, y);
    const [as, bs] = [numberData(a), numberData(b)];
    const ai = broadcastIndex(a.type.shape, y.shape);
    const bi = broadcastIndex(b.type.shape, y.shape);
    const out = allocateNumbers(y);
    for (let i = 0; i < out.length; i++) {
      const sum = roundHalfEven(fma32(as[ai[i]], c.a, fma32(bs[bi[i]], c.b, c.fixed)));
      out[i] = Math.max(y.range[0], Math.min(y.range[1], sum));
    }
    return [{ type: y, data: out }];
  },
});
