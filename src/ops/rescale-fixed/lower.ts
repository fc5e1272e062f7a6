import { elements } from '../../ir/type.js';
import { zeroPointAt } from '../../quant/affine.js';
import { plainRequest } from '../any.js';
import { flag, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { pairOf } from './op.js';

/** As the contract of rescale_fixed numbers them. */
const codes: Readonly<Record<string, number>> = { u8: 0, s8: 1, s16: 2 };

export const lower: Lowering<'rescale-fixed'> = (node, cx) => {
  const [x] = node.operands;
  const y = node.results[0].type;
  if (x.type.kind !== 'quant' || y.kind !== 'quant') throw new TypeError('quantized only');
  const [above, below] = [pairOf(node.attrs.above), pairOf(node.attrs.below)];
  const count = elements(y.shape);
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('rescale_fixed', count, [cx.view(x)]), node),
      params: {
        count,
        x_element: codes[x.type.element],
        y_element: codes[y.element],
        negates: flag(node.attrs.negates),
      },
      data: {
        x_zero: zeroPointAt(x.type.affine, 0),
        y_zero: zeroPointAt(y.affine, 0),
        above_multiplier: above.multiplier,
        above_shift: above.shift,
        below_multiplier: below.multiplier,
        below_shift: below.shift,
        y_min: y.range[0],
        y_max: y.range[1],
      },
      args: [reads('x', cx.view(x)), writes('y', cx.output(node.results[0]))],
    }),
  );
};
