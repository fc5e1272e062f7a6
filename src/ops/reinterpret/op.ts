import { defineOp } from '../../ir/op.js';

/** The same bytes under another affine: an integer input that a model later gives a scale. */
export const reinterpret = defineOp({
  kind: 'reinterpret',
  doc: 'The same stored integers read with another scale and zero point; moves nothing.',
  attrs: {},
  operands: ['x'],
  isView: true,
  inferShape: (_, [x]) => [x.shape],
  check: (_, [x], [y]) => (x.element === y.element ? [] : [`x is ${x.element}, y is ${y.element}`]),
  evaluate: (_, [x], [y]) => [{ type: y, data: x.data }],
});
