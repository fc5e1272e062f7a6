import { elements } from '../../ir/type.js';
import { plainRequest } from '../any.js';
import { f32, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { unary } from '../unary/op.js';
import { activation } from './op.js';

/** The functions with parameters follow those without in the contract's enumeration. */
export const lower: Lowering<'activation'> = (node, cx) => {
  const [x] = node.operands;
  const { fn, alpha, beta } = node.attrs;
  const count = elements(x.type.shape);
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('unary_f32', count, [cx.view(x)]), node),
      params: { fn: unary.attrs.fn.length + activation.attrs.fn.indexOf(fn), count },
      data: { alpha: f32(alpha), beta: f32(beta) },
      args: [reads('x', cx.view(x)), writes('y', cx.output(node.results[0]))],
      inPlace: 'x',
    }),
  );
};
