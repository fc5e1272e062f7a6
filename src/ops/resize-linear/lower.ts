import { elements } from '../../ir/type.js';
import { plainRequest } from '../any.js';
import { f32, type Lowering, reads, stepFor, writes } from '../lowering.js';

export const lower: Lowering<'resize-linear'> = (node, cx) => {
  const [x, row, rowWeight, col, colWeight] = node.operands;
  const [n, h, w, c] = x.type.shape;
  const [, oh, ow] = node.results[0].type.shape;
  cx.emit(
    stepFor(node, {
      choice: cx.choose(
        plainRequest('resize_linear_f32', 4 * elements(node.results[0].type.shape), [cx.view(x)]),
        node,
      ),
      params: { n, h, w, c, oh, ow },
      data: { outside: f32(Math.fround(node.attrs.outside)) },
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
