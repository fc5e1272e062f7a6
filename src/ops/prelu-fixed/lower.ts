import { elements } from '../../ir/type.js';
import { zeroPointAt } from '../../quant/affine.js';
import { plainRequest } from '../any.js';
import { flag, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { preluConstants } from './op.js';

export const lower: Lowering<'prelu-fixed'> = (node, cx) => {
  const [x, alpha] = node.operands;
  const y = node.results[0].type;
  if (x.type.kind !== 'quant' || alpha.type.kind !== 'quant' || y.kind !== 'quant')
    throw new TypeError('quantized only');
  const { above, below } = preluConstants(x.type, alpha.type, y);
  const columns = elements(alpha.type.shape);
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('prelu_fixed_q8', elements(y.shape), [cx.view(x), cx.view(alpha)]), node),
      params: {
        rows: columns === 0 ? 0 : elements(y.shape) / columns,
        columns,
        x_signed: flag(x.type.element === 's8'),
        alpha_signed: flag(alpha.type.element === 's8'),
      },
      data: {
        x_zero: zeroPointAt(x.type.affine, 0),
        alpha_zero: zeroPointAt(alpha.type.affine, 0),
        above_multiplier: above.multiplier,
        above_shift: above.shift,
        below_multiplier: below.multiplier,
        below_shift: below.shift,
        y_zero: zeroPointAt(y.affine, 0),
        y_min: y.range[0],
        y_max: y.range[1],
      },
      args: [reads('x', cx.view(x)), reads('alpha', cx.view(alpha)), writes('y', cx.output(node.results[0]))],
      inPlace: 'x',
    }),
  );
};
