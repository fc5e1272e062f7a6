import { elements } from '../../ir/type.js';
import { plainRequest } from '../any.js';
import { f32, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { unary } from './op.js';

export const lower: Lowering<'unary'> = (node, cx) => {
  const [x] = node.operands;
  const count = elements(x.type.shape);
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('unary_f32', count, [cx.view(x)]), node),
      params: { fn: unary.attrs.fn.indexOf(node.attrs.fn), count },
      data: { alpha: f32(0), beta: f32(0) },
      args: [reads('x', cx.view(x)), writes('y', cx.output(node.results[0]))],
      inPlace: 'x',
    }),
  );
};
