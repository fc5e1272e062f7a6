import { defineOp, ShapeError } from '../../ir/op.js';
import { allocate, elements, stridesOf } from '../../ir/type.js';
import { fillData, moveProblems, scatterData, stridedIndex } from '../moves.js';

/** Surrounds a tensor with one value. */
export const pad = defineOp({
  kind: 'pad',
  doc: 'Surrounds a tensor with `value`: before[d] entries in front of dimension d, after[d] behind it. The value of a quantized tensor is a stored one.',
  attrs: { before: 'ints', after: 'ints', value: 'float' },
  operands: ['x'],
  inferShape(a, [{ shape }]) {
    if (a.before.length !== shape.length || a.after.length !== shape.length)
      throw new ShapeError(`before and after have ${shape.length} entries, one for each dimension of x`);
    if ([...a.before, ...a.after].some((n) => n < 0)) throw new ShapeError('pads are at least 0');
    return [shape.map((d, i) => a.before[i] + d + a.after[i])];
  },
  check(a, [x], [y]) {
    const isStored = y.kind !== 'quant' || (a.value >= y.range[0] && a.value <= y.range[1]);
    return isStored ? moveProblems(x, y) : [`value ${a.value} is outside the range of y`];
  },
  evaluate(a, [x], [y]) {
    const out = allocate(y);
    const strides = stridesOf(y.shape);
    fillData(out, a.value);
    const first = a.before.reduce((sum, n, d) => sum + n * strides[d], 0);
    if (elements(x.type.shape) > 0) scatterData(out, stridedIndex(x.type.shape, strides, first), x.data);
    return [{ type: y, data: out }];
  },
});
