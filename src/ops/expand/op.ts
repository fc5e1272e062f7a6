import { defineOp, ShapeError } from '../../ir/op.js';
import { gatherData, sameShape } from '../../ir/type.js';
import { broadcastShape } from '../broadcast.js';
import { broadcastStrides, moveProblems, stridedIndex } from '../moves.js';

/** Repeats dimensions of size 1. */
export const expand = defineOp({
  kind: 'expand',
  doc: 'Repeats dimensions of size 1, and adds ones in front, until x has the given shape (NumPy broadcasting).',
  attrs: { shape: 'ints' },
  operands: ['x'],
  inferShape(a, [x]) {
    if (!sameShape(broadcastShape(x.shape, a.shape), a.shape))
      throw new ShapeError(`[${x.shape}] does not expand to [${a.shape}]`);
    return [a.shape];
  },
  check: (_, [x], [y]) => moveProblems(x, y),
  evaluate: (a, [x], [y]) => [
    { type: y, data: gatherData(x.data, stridedIndex(a.shape, broadcastStrides(x.type.shape, a.shape))) },
  ],
});
