import { elements } from '../../ir/type.js';
import { plainRequest } from '../any.js';
import { type Lowering, reads, stepFor, writes } from '../lowering.js';

export const lower: Lowering<'dynamic-quantize'> = (node, cx) => {
  const [x] = node.operands;
  const [q, scale, zero] = node.results;
  const count = elements(x.type.shape);
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('dynamic_quantize', count, [cx.view(x)]), node),
      params: { count },
      args: [
        reads('x', cx.view(x)),
        writes('y', cx.output(q)),
        writes('scale', cx.output(scale)),
        writes('zero', cx.output(zero)),
      ],
    }),
  );
};
