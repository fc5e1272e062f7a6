import { defineOp } from '../../ir/op.js';
import { allocateNumbers, elementRange, numberData } from '../../ir/type.js';

/** Limits values: Relu, Relu6, Clip; on a quantized tensor the limits are stored values. */
export const clamp = defineOp({
  kind: 'clamp',
  doc: 'Limits every value to [min, max]: Relu, Relu6, Clip. NaN stays NaN. On a quantized tensor the limits are stored values.',
  attrs: { min: 'float', max: 'float' },
  operands: ['x'],
  inferShape: (_, [x]) => [x.shape],
  check(a, [x], [y]) {
    const problems = a.min > a.max ? [`min ${a.min} is above max ${a.max}`] : [];
    if (x.kind !== y.kind || x.element !== y.element) problems.push('x and y have one element type');
    return problems;
  },
  bounds: (a) => ({ min: a.min, max: a.max }),
  evaluate(a, [x], [y]) {
    const xs = numberData(x);
    const out = allocateNumbers(y);
    const [low, high] =
      y.kind === 'quant'
        ? [Math.max(a.min, elementRange[y.element][0]), Math.min(a.max, elementRange[y.element][1])]
        : [a.min, a.max];
    for (let i = 0; i < xs.length; i++) {
      const v = xs[i];
      out[i] = v < low ? low : v > high ? high : v;
    }
    return [{ type: y, data: out }];
  },
});
