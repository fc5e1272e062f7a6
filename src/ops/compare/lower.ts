import { broadcastRequest } from '../broadcast-lower.js';
import { elementCodes } from '../element-codes.js';
import { type Lowering, reads, stepFor, writes } from '../lowering.js';
import { compare } from './op.js';

export const lower: Lowering<'compare'> = (node, cx) => {
  const [a, b] = node.operands;
  const { request, params } = broadcastRequest('compare', node.results[0].type.shape, { a, b }, cx);
  cx.emit(
    stepFor(node, {
      choice: cx.choose(request, node),
      params: { fn: compare.attrs.fn.indexOf(node.attrs.fn), element: elementCodes[a.type.element], ...params },
      args: [reads('a', cx.view(a)), reads('b', cx.view(b)), writes('y', cx.output(node.results[0]))],
    }),
  );
};
