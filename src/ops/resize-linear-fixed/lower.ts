import { elements } from '../../ir/type.js';
import { plainRequest } from '../any.js';
import { flag, type Lowering, reads, stepFor, writes } from '../lowering.js';

export const lower: Lowering<'resize-linear-fixed'> = (node, cx) => {
  const [x, row, rowWeight, col, colWeight] = node.operands;
  const [n, h, w, c] = x.type.shape;
  const { shape } = node.results[0].type;
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('resize_linear_fixed_q8', 4 * elements(shape), [cx.view(x)]), node),
      params: { n, h, w, c, oh: shape[1], ow: shape[2], x_signed: flag(x.type.element === 's8') },
      args: [
        reads('x', cx.view(x)),
        reads('row', cx.view(row)),
        reads('row_weight', cx.view(rowWeight)),
        reads('col', cx.view(col)),
        reads('col_weight', cx.view(colWeight)),
        writes('y', cx.output(node.results[0])),
      ],
    }),
  );
};
