import { elements, indexType } from '../../ir/type.js';
import { scaleAt } from '../../quant/affine.js';
import { plainRequest } from '../any.js';
import { flag, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { exponentials } from './op.js';

export const lower: Lowering<'softmax-fixed'> = (node, cx) => {
  const [x] = node.operands;
  const y = node.results[0].type;
  if (x.type.kind !== 'quant') throw new TypeError('quantized only');
  const count = elements(y.shape);
  const dim = y.shape[y.shape.length - 1];
  const table = exponentials(scaleAt(x.type.affine, 0), node.attrs.beta);
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('softmax_fixed_q8', count, [cx.view(x)]), node),
      params: {
        rows: dim === 0 ? 0 : count / dim,
        columns: dim,
        x_signed: flag(x.type.element === 's8'),
        y_signed: flag(y.element === 's8'),
      },
      args: [
        reads('x', cx.view(x)),
        reads('table', cx.constant('exponentials', { type: indexType('s32', [256]), data: table })),
        writes('y', cx.output(node.results[0])),
      ],
      inPlace: 'x',
    }),
  );
};
