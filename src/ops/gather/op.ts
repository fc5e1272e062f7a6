import { defineOp, ShapeError } from '../../ir/op.js';
import { elements, gatherData, numbers } from '../../ir/type.js';
import { moveProblems } from '../moves.js';

/** Picks slices of one dimension by index. */
export const gather = defineOp({
  kind: 'gather',
  doc: "Picks slices of dimension `axis` of x by the numbers in `index`, whose shape takes that dimension's place. Negative numbers count from the end; those still outside are taken as the nearest slice.",
  attrs: { axis: 'int' },
  operands: ['x', 'index'],
  inferShape(a, [x, index]) {
    if (a.axis < 0 || a.axis >= x.shape.length) throw new ShapeError(`[${x.shape}] has no dimension ${a.axis}`);
    if (x.shape[a.axis] === 0 && elements(index.shape) > 0) throw new ShapeError(`dimension ${a.axis} of x is empty`);
    return [[...x.shape.slice(0, a.axis), ...index.shape, ...x.shape.slice(a.axis + 1)]];
  },
  check: (_, [x, index], [y]) =>
    index.element === 's32' || index.element === 's64'
      ? moveProblems(x, y)
      : [`index is s32 or s64, not ${index.element}`],
  evaluate(a, [x, index], [y]) {
    const dim = x.type.shape[a.axis];
    const inner = elements(x.type.shape.slice(a.axis + 1));
    const picks = numbers(index).map((k) => Math.max(0, Math.min(dim - 1, k < 0 ? k + dim : k)));
    const from = Int32Array.from({ length: elements(y.shape) }, (_, i) => {
      const slice = Math.floor(i / inner);
      const outer = Math.floor(slice / picks.length);
      return (outer * dim + picks[slice % picks.length]) * inner + (i % inner);
    });
    return [{ type: y, data: gatherData(x.data, from) }];
  },
});
