import { defineOp } from '../../ir/op.js';
import { allocateNumbers, numberData } from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { quantizeValue } from '../../quant/requantize.js';

/** One quantization -> another: what DequantizeLinear followed by QuantizeLinear means. */
export const requantize = defineOp({
  kind: 'requantize',
  doc: 'Changes scale, zero point or element: y = saturate(rne(f32(f32(x - zx) * sx) / sy) + zy).',
  attrs: {},
  operands: ['x'],
  inferShape: (_, [x]) => [x.shape],
  check(_, [x], [y]) {
    if (x.kind !== 'quant' || y.kind !== 'quant') return ['x and y are quantized'];
    if (x.affine.per !== 'tensor' || y.affine.per !== 'tensor') return ['x and y are quantized per tensor'];
    return [];
  },
  evaluate(_, [x], [y]) {
    if (x.type.kind !== 'quant' || y.kind !== 'quant') throw new TypeError('x and y are quantized');
    const xs = numberData(x);
    const out = allocateNumbers(y);
    const [sx, zx] = [scaleAt(x.type.affine, 0), zeroPointAt(x.type.affine, 0)];
    const [sy, zy] = [scaleAt(y.affine, 0), zeroPointAt(y.affine, 0)];
    for (let i = 0; i < xs.length; i++) {
      const real = Math.fround(Math.fround(xs[i] - zx) * sx);
      out[i] = quantizeValue(real, sy, zy, y.range[0], y.range[1]);
    }
    return [{ type: y, data: out }];
  },
});
