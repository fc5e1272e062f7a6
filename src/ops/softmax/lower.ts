import { elements, floatType } from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { alongAxis, plainRequest } from '../any.js';
import { f32, flag, type Lowering, NoKernel, reads, stepFor, writes } from '../lowering.js';
import { exponentialTable, stepsInOne } from './quantized.js';

const codes = { softmax: 0, 'log-softmax': 1, hardmax: 2 } as const;

/** The kernels' integer forms hold the whole steps in 24 bits (`exact.h`). */
const MOST_STEPS = 2 ** 24;

export const lower: Lowering<'softmax'> = (node, cx) => {
  const [x] = node.operands;
  const y = node.results[0].type;
  const { shape } = x.type;
  const { fn, axis } = node.attrs;
  const params = alongAxis(shape, axis);
  const isStored = x.type.kind === 'quant' && y.kind === 'quant';
  const family = isStored ? 'softmax_q8' : 'softmax_f32';
  const choice = cx.choose(plainRequest(family, elements(shape), [cx.view(x)]), node);
  const result = writes('y', cx.output(node.results[0]));
  if (!isStored) {
    cx.emit(stepFor(node, { choice, params: { fn: codes[fn], ...params }, args: [reads('x', cx.view(x)), result] }));
    return;
  }
  if (stepsInOne(y) >= MOST_STEPS)
    throw new NoKernel(`softmax into steps of ${scaleAt(y.affine, 0)}: too small for a result in 8 bits`);
  const table = exponentialTable(scaleAt(x.type.affine, 0), shape[axis]);
  const view = cx.constant('exponentials', { type: floatType([256]), data: table });
  cx.emit(
    stepFor(node, {
      choice,
      params: { ...params, x_signed: flag(x.type.element === 's8') },
      data: {
        steps: f32(stepsInOne(y)),
        y_zero: zeroPointAt(y.affine, 0),
        y_min: y.range[0],
        y_max: y.range[1],
      },
      args: [reads('x', cx.view(x)), reads('table', view), result],
      inPlace: 'x',
    }),
  );
};
