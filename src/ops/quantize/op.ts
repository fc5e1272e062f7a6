import { defineOp } from '../../ir/op.js';
import { quantizeData } from '../../quant/affine.js';

/** Reals -> stored integers. */
export const quantize = defineOp({
  kind: 'quantize',
  doc: 'Float to stored integers: q = saturate(rne(x / scale) + zero); rounded first, then the zero point is added.',
  attrs: {},
  operands: ['x'],
  inferShape: (_, [x]) => [x.shape],
  check: (_, [x], [y]) =>
    x.kind === 'float' && y.kind === 'quant' ? [] : ['turns a float tensor into a quantized one'],
  evaluate(_, [x], [y]) {
    if (y.kind !== 'quant') throw new TypeError('y is quantized');
    return [{ type: y, data: quantizeData(x, y) }];
  },
});
