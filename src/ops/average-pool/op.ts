import { defineOp } from '../../ir/op.js';
import { allocateNumbers, numberData } from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { roundHalfEven } from '../../quant/requantize.js';
import { forEachTap, outputSize, windowProblems } from '../window.js';

/** Mean over a sliding window, NHWC. */
export const averagePool = defineOp({
  kind: 'average-pool',
  doc:
    'Mean over a sliding window of an NHWC tensor. Float: sum in window order, divided by the count. Quantized: ' +
    's = sum (x - zx) exactly, y = clamp(rne(f32(f32(s) * f32(sx / f32(sy * k))) + zy)), k the count of window positions.',
  attrs: { kernel: 'ints', strides: 'ints', dilations: 'ints', pads: 'ints', count_include_pad: 'bool' },
  operands: ['x'],
  inferShape(a, [x]) {
    const [oh, ow] = outputSize(x.shape, a);
    return [[x.shape[0], oh, ow, x.shape[3]]];
  },
  check: (a, [x], [y]) => (x.kind === y.kind ? windowProblems(a) : ['x and y are both float or both quantized']),
  evaluate(a, [x], [y]) {
    const [n, oh, ow, c] = y.shape;
    const [, h, w] = x.type.shape;
    const xs = numberData(x);
    const out = allocateNumbers(y);
    const quant = x.type.kind === 'quant' && y.kind === 'quant' ? { x: x.type, y } : undefined;
    const zero = quant === undefined ? 0 : zeroPointAt(quant.x.affine, 0);
    let at = 0;
    for (let b = 0; b < n; b++)
      for (let oy = 0; oy < oh; oy++)
        for (let ox = 0; ox < ow; ox++)
          for (let i = 0; i < c; i++, at++) {
            let sum = 0;
            let count = 0;
            forEachTap(h, w, oy, ox, a, (iy, ix) => {
              const v = xs[((b * h + iy) * w + ix) * c + i] - zero;
              sum = quant === undefined ? Math.fround(sum + v) : sum + v;
              count++;
            });
            if (a.count_include_pad) count = a.kernel[0] * a.kernel[1];
            if (quant === undefined) out[at] = sum / count;
            else {
              const m = averageMultiplier(scaleAt(quant.x.affine, 0), scaleAt(quant.y.affine, 0), count);
              const v = roundHalfEven(Math.fround(Math.fround(sum) * m)) + zeroPointAt(quant.y.affine, 0);
              out[at] = Math.max(quant.y.range[0], Math.min(quant.y.range[1], v));
            }
          }
    return [{ type: y, data: out }];
  },
});

/** f32(sx / f32(sy * k)) */
export function averageMultiplier(sx: number, sy: number, count: number): number {
  return Math.fround(sx / Math.fround(sy * count));
}
