import { defineOp } from '../../ir/op.js';
import { dequantizeData } from '../../quant/affine.js';

/** Stored integers -> the reals they mean. */
export const dequantize = defineOp({
  kind: 'dequantize',
  doc: 'Stored integers to float: y = f32(q - zero) * scale, per tensor, per axis or per block.',
  attrs: {},
  operands: ['x'],
  inferShape: (_, [x]) => [x.shape],
  check: (_, [x], [y]) =>
    x.kind === 'quant' && y.kind === 'float' ? [] : ['turns a quantized tensor into a float one'],
  evaluate(_, [x], [y]) {
    if (x.type.kind !== 'quant') throw new TypeError('x is quantized');
    return [{ type: y, data: dequantizeData(x, x.type) }];
  },
});
