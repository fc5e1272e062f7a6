import { defineOp } from '../../ir/op.js';
import { isWide, outputSize, pooled, poolTypeProblems, windowProblems } from '../window.js';

/** Maximum over a sliding window, NHWC. */
export const maxPool = defineOp({
  kind: 'max-pool',
  doc: 'Maximum over the positions of a sliding window that lie inside an NHWC tensor; on stored integers too, as quantization keeps order.',
  attrs: { kernel: 'ints', strides: 'ints', dilations: 'ints', pads: 'ints' },
  operands: ['x'],
  inferShape(a, [x]) {
    const [oh, ow] = outputSize(x.shape, a);
    return [[x.shape[0], oh, ow, x.shape[3]]];
  },
  check: (a, [x], [y]) => [
    ...windowProblems(a),
    ...(x.element !== y.element
      ? ['x and y have one element type']
      : isWide(x) && isWide(y)
        ? []
        : poolTypeProblems(x, y)),
  ],
  bounds: (_, [x]) => x,
  evaluate(a, [x], [y]) {
    const larger = (max: number, v: number) => (v > max || Number.isNaN(v) ? v : max);
    return [{ type: y, data: pooled(a, x, y, (taps) => taps.reduce(larger, Number.NEGATIVE_INFINITY)) }];
  },
});
