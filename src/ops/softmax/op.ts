import { defineOp } from '../../ir/op.js';
import { f32Data } from '../../ir/type.js';
import { exp32 } from '../../quant/math.js';

/** Normalised exponentials along one axis. */
export const softmax = defineOp({
  kind: 'softmax',
  doc: 'Normalised exponentials along one axis: e = exp(x - max), y = e / sum(e), float32 in index order.',
  attrs: { axis: 'int' },
  operands: ['x'],
  inferShape: (_, [x]) => [x.shape],
  check: (a, [x], [y]) =>
    x.element === 'f32' && y.element === 'f32' && a.axis >= 0 && a.axis < x.shape.length
      ? []
      : ['x and y are f32, axis is a dimension of x'],
  evaluate(a, [x], [y]) {
    const xs = f32Data(x);
    const out = new Float32Array(xs.length);
    const dim = y.shape[a.axis];
    const inner = y.shape.slice(a.axis + 1).reduce((p, d) => p * d, 1);
    for (let base = 0; base < xs.length; base++) {
      if (Math.floor(base / inner) % dim !== 0) continue;
      let max = Number.NEGATIVE_INFINITY;
      for (let i = 0; i < dim; i++) max = Math.max(max, xs[base + i * inner]);
      let sum = 0;
      for (let i = 0; i < dim; i++) {
        out[base + i * inner] = exp32(Math.fround(xs[base + i * inner] - max));
        sum = Math.fround(sum + out[base + i * inner]);
      }
      for (let i = 0; i < dim; i++) out[base + i * inner] /= sum;
    }
    return [{ type: y, data: out }];
  },
});
