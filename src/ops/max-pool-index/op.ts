import { defineOp } from '../../ir/op.js';
import { elements, numberData } from '../../ir/type.js';
import { forEachTap, outputSize, poolTypeProblems, windowProblems } from '../window.js';

/** Where the maxima of a sliding window are: the second output of MaxPool. */
export const maxPoolIndex = defineOp({
  kind: 'max-pool-index',
  doc:
    'Place of the first maximum of every window of an NHWC tensor, as an element number of the NCHW tensor: ' +
    '((n * c + channel) * h + iy) * w + ix, or ((n * c + channel) * w + ix) * h + iy if `columns`. A NaN is the maximum.',
  attrs: { kernel: 'ints', strides: 'ints', dilations: 'ints', pads: 'ints', columns: 'bool' },
  operands: ['x'],
  inferShape(a, [x]) {
    const [oh, ow] = outputSize(x.shape, a);
    return [[x.shape[0], oh, ow, x.shape[3]]];
  },
  check(a, [x], [y]) {
    const problems = windowProblems(a);
    if (y.element !== 's64') problems.push('y is s64');
    return [...problems, ...poolTypeProblems(x, x)];
  },
  evaluate(a, [x], [y]) {
    const [, oh, ow, c] = y.shape;
    const [, h, w] = x.type.shape;
    const xs = numberData(x);
    const data = BigInt64Array.from({ length: elements(y.shape) }, (_, at) => {
      const channel = at % c;
      const pixel = Math.floor(at / c);
      const b = Math.floor(pixel / (oh * ow));
      let max = Number.NEGATIVE_INFINITY;
      let found = -1;
      forEachTap(h, w, Math.floor(pixel / ow) % oh, pixel % ow, a, (iy, ix) => {
        const v = xs[((b * h + iy) * w + ix) * c + channel];
        if (found >= 0 && !(v > max || Number.isNaN(v))) return;
        max = v;
        found = (b * c + channel) * h * w + (a.columns ? ix * h + iy : iy * w + ix);
      });
      return BigInt(found);
    });
    return [{ type: y, data }];
  },
});
