import { defineOp } from '../../ir/op.js';
import { dequantizeData } from '../../quant/affine.js';
import { planesOf } from '../planes.js';
import { transpose } from '../transpose/op.js';

/** A dequantize whose stores go to another layout. */
export const dequantizeTransposed = defineOp({
  kind: 'dequantize-transposed',
  doc: 'Stored integers to float, then a permutation of dimensions: what dequantize and transpose say, in one pass over memory.',
  attrs: { perm: 'ints' },
  operands: ['x'],
  inferShape: (a, [x]) => transpose.inferShape(a, [x]),
  check: (a, [x], [y]) => [
    ...(x.kind === 'quant' && x.affine.per === 'tensor' && y.kind === 'float'
      ? []
      : ['turns a tensor quantized per tensor into a float one']),
    ...(planesOf(x.shape, a.perm) === undefined ? [`[${a.perm}] exchanges no two runs of dimensions`] : []),
  ],
  evaluate(a, [x], [y]) {
    if (x.type.kind !== 'quant') throw new TypeError('x is quantized');
    const reals = { type: { ...y, shape: x.type.shape }, data: dequantizeData(x, x.type) };
    return transpose.evaluate(a, [reals], [y]);
  },
});
