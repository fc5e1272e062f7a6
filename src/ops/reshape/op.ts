import { defineOp, ShapeError } from '../../ir/op.js';
import { elements } from '../../ir/type.js';

/** Other dimensions over the same row-major data. */
export const reshape = defineOp({
  kind: 'reshape',
  doc: 'Other dimensions over the same row-major data; moves nothing.',
  attrs: { shape: 'ints' },
  operands: ['x'],
  isView: true,
  inferShape(a, [x]) {
    if (elements(a.shape) !== elements(x.shape))
      throw new ShapeError(`[${x.shape}] has ${elements(x.shape)} elements, [${a.shape}] has ${elements(a.shape)}`);
    return [a.shape];
  },
  check: (_, [x], [y]) => (x.element === y.element && x.kind === y.kind ? [] : ['x and y have one element type']),
  bounds: (_, [x]) => x,
  evaluate: (_, [x], [y]) => [{ type: y, data: x.data }],
});
