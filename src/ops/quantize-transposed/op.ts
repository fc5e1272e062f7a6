import { defineOp } from '../../ir/op.js';
import { isPlainByte } from '../../ir/type.js';
import { quantizeData } from '../../quant/affine.js';
import { planesOf } from '../planes.js';
import { transpose } from '../transpose/op.js';

/** A quantize whose stores go to another layout. */
export const quantizeTransposed = defineOp({
  kind: 'quantize-transposed',
  doc: 'Float to stored integers, then a permutation of dimensions: what quantize and transpose say, in one pass over memory.',
  attrs: { perm: 'ints' },
  operands: ['x'],
  inferShape: (a, [x]) => transpose.inferShape(a, [x]),
  check: (a, [x], [y]) => [
    ...(x.kind === 'float' && isPlainByte(y) ? [] : ['turns a float tensor into an 8-bit one, quantized per tensor']),
    ...(planesOf(x.shape, a.perm) === undefined ? [`[${a.perm}] exchanges no two runs of dimensions`] : []),
  ],
  evaluate(a, [x], [y]) {
    if (y.kind !== 'quant') throw new TypeError('y is quantized');
    const stored = { ...y, shape: x.type.shape };
    return transpose.evaluate(a, [{ type: stored, data: quantizeData(x, stored) }], [y]);
  },
});
