import { defineOp } from '../../ir/op.js';
import { allocateNumbers, numberData } from '../../ir/type.js';
import { forEachTap, isWide, outputSize, poolTypeProblems, windowProblems } from '../window.js';

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
  evaluate(a, [x], [y]) {
    const [n, oh, ow, c] = y.shape;
    const [, h, w] = x.type.shape;
    const xs = numberData(x);
    const out = allocateNumbers(y);
    let at = 0;
    for (let b = 0; b < n; b++)
      for (let oy = 0; oy < oh; oy++)
        for (let ox = 0; ox < ow; ox++)
          for (let i = 0; i < c; i++, at++) {
            let max = Number.NEGATIVE_INFINITY;
            forEachTap(h, w, oy, ox, a, (iy, ix) => {
              const v = xs[((b * h + iy) * w + ix) * c + i];
              if (v > max || Number.isNaN(v)) max = v;
            });
            out[at] = max;
          }
    return [{ type: y, data: out }];
  },
});
