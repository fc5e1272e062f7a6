import { defineOp, ShapeError } from '../../ir/op.js';
import { allocate, elements, stridesOf } from '../../ir/type.js';
import { moveProblems, scatterData, stridedIndex } from '../moves.js';

/** Tensors one after the other along an axis. */
export const concat = defineOp({
  kind: 'concat',
  doc: 'Puts tensors one after the other along an axis. Quantized tensors have one scale and zero point: what differs is requantized before.',
  attrs: { axis: 'int' },
  operands: ['x*'],
  inferShape(a, operands) {
    const [first] = operands;
    if (first === undefined) throw new ShapeError('no tensor is given');
    for (const { shape } of operands)
      if (shape.length !== first.shape.length || shape.some((d, i) => i !== a.axis && d !== first.shape[i]))
        throw new ShapeError(`[${first.shape}] and [${shape}] differ in more than dimension ${a.axis}`);
    const total = operands.reduce((sum, { shape }) => sum + shape[a.axis], 0);
    return [first.shape.map((d, i) => (i === a.axis ? total : d))];
  },
  check: (_, operands, [y]) => [...new Set(operands.flatMap((x) => moveProblems(x, y)))],
  evaluate(a, operands, [y]) {
    const out = allocate(y);
    const strides = stridesOf(y.shape);
    let first = 0;
    for (const x of operands) {
      if (elements(x.type.shape) > 0) scatterData(out, stridedIndex(x.type.shape, strides, first), x.data);
      first += x.type.shape[a.axis] * strides[a.axis];
    }
    return [{ type: y, data: out }];
  },
});
