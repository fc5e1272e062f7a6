import { defineOp, ShapeError } from '../../ir/op.js';
import { gatherData, stridesOf } from '../../ir/type.js';
import { moveProblems, stridedIndex } from '../moves.js';

/** Picks every `steps`-th element of each dimension, forwards or backwards. */
export const slice = defineOp({
  kind: 'slice',
  doc: 'Picks a range of every dimension: index i of dimension d of y is index starts[d] + i * steps[d] of x; steps may be negative.',
  attrs: { starts: 'ints', steps: 'ints', sizes: 'ints' },
  operands: ['x'],
  inferShape(a, [x]) {
    const { shape } = x;
    if ([a.starts, a.steps, a.sizes].some((list) => list.length !== shape.length))
      throw new ShapeError(`starts, steps and sizes have ${shape.length} entries, one for each dimension of x`);
    for (const [d, size] of a.sizes.entries()) {
      const last = a.starts[d] + (size - 1) * a.steps[d];
      if (size < 0 || (size > 0 && ![a.starts[d], last].every((i) => i >= 0 && i < shape[d])))
        throw new ShapeError(`${size} entries from ${a.starts[d]} by ${a.steps[d]} leave dimension ${d} of [${shape}]`);
    }
    return [a.sizes];
  },
  check: (_, [x], [y]) => moveProblems(x, y),
  evaluate(a, [x], [y]) {
    const own = stridesOf(x.type.shape);
    const first = a.starts.reduce((sum, s, d) => sum + s * own[d], 0);
    const strides = a.steps.map((s, d) => s * own[d]);
    return [{ type: y, data: gatherData(x.data, stridedIndex(a.sizes, strides, first)) }];
  },
});
