import { elements, quantType, unitAffine } from '../../ir/type.js';
import { sigmoidTable } from '../../quant/wide-functions.js';
import { plainRequest } from '../any.js';
import { flag, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { scaleOf } from './op.js';

export const lower: Lowering<'curve-fixed'> = (node, cx) => {
  const [x] = node.operands;
  if (x.type.kind !== 'quant') throw new TypeError('quantized only');
  const count = elements(x.type.shape);
  const table = { type: quantType('u16', [256], unitAffine), data: sigmoidTable() };
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('curve_fixed_s16', count, [cx.view(x)]), node),
      params: { count, is_tanh: flag(node.attrs.fn === 'tanh') },
      data: { ...scaleOf(x.type) },
      args: [
        reads('x', cx.view(x)),
        reads('table', cx.constant('sigmoids', table)),
        writes('y', cx.output(node.results[0])),
      ],
      inPlace: 'x',
    }),
  );
};
