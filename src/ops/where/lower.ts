import { elementBytes } from '../../ir/type.js';
import { broadcastRequest } from '../broadcast-lower.js';
import { type Lowering, reads, stepFor, writes } from '../lowering.js';

export const lower: Lowering<'where'> = (node, cx) => {
  const [c, a, b] = node.operands;
  const y = node.results[0].type;
  const { request, params } = broadcastRequest('where', y.shape, { c, a, b }, cx);
  cx.emit(
    stepFor(node, {
      choice: cx.choose(request, node),
      params: { size: elementBytes[y.element], ...params },
      args: [
        reads('c', cx.view(c)),
        reads('a', cx.view(a)),
        reads('b', cx.view(b)),
        writes('y', cx.output(node.results[0])),
      ],
    }),
  );
};
