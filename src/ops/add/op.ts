import { defineOp } from '../../ir/op.js';
import { allocateNumbers, numberData, type QuantType } from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { fma32 } from '../../quant/fma.js';
import { roundHalfEven } from '../../quant/requantize.js';
import { broadcastIndex, broadcastShape } from '../broadcast.js';

/** The three float constants of a quantized addition. */
export interface AddConstants {
  readonly a: number;
  readonly b: number;
  readonly fixed: number;
}

/** a = Sa/Sy, b = Sb/Sy, fixed = Zy - (a*Za + b*Zb), each operation in float32. */
export function addConstants(x: QuantType, r: QuantType, y: QuantType): AddConstants {
  const f = Math.fround;
  const a = f(scaleAt(x.affine, 0) / scaleAt(y.affine, 0));
  const b = f(scaleAt(r.affine, 0) / scaleAt(y.affine, 0));
  const fixed = f(zeroPointAt(y.affine, 0) - f(f(a * zeroPointAt(x.affine, 0)) + f(b * zeroPointAt(r.affine, 0))));
  return { a, b, fixed };
}

/** Quantized addition. */
export const add = defineOp({
  kind: 'add',
  doc:
    'Quantized addition, ONNX Runtime x86 formula: y = clamp(rne(fma(a, Sa/Sy, fma(b, Sb/Sy, Zy - (Sa/Sy*Za + Sb/Sy*Zb))))); ' +
    'the zero point is inside the rounding. Operands broadcast.',
  attrs: {},
  operands: ['a', 'b'],
  inferShape: (_, [a, b]) => [broadcastShape(a.shape, b.shape)],
  check(_, types, [y]) {
    const all = [...types, y];
    return all.every(
      (t) => t.kind === 'quant' && t.affine.per === 'tensor' && (t.element === 's8' || t.element === 'u8'),
    )
      ? []
      : ['a, b and y are 8-bit tensors quantized per tensor'];
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
