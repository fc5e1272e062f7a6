import { elements } from '../../ir/type.js';
import { plainRequest } from '../any.js';
import { elementCodes } from '../element-codes.js';
import { type Lowering, reads, stepFor, writes } from '../lowering.js';

export const lower: Lowering<'cast'> = (node, cx) => {
  const [x] = node.operands;
  const y = node.results[0].type;
  const count = elements(y.shape);
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('cast', count, [cx.view(x)]), node),
      params: { from: elementCodes[x.type.element], to: elementCodes[y.element], count },
      args: [reads('x', cx.view(x)), writes('y', cx.output(node.results[0]))],
    }),
  );
};
