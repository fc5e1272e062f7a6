import { elements } from '../../ir/type.js';
import { broadcastRequest } from '../broadcast-lower.js';
import { elementCodes } from '../element-codes.js';
import { type Lowering, reads, stepFor, writes } from '../lowering.js';
import { binary } from './op.js';

export const lower: Lowering<'binary'> = (node, cx) => {
  const [a, b] = node.operands;
  const y = node.results[0].type;
  const isF32 = y.element === 'f32';
  const { request, params } = broadcastRequest(isF32 ? 'binary_f32' : 'binary', y.shape, { a, b }, cx);
  cx.emit(
    stepFor(node, {
      choice: cx.choose(request, node),
      params: {
        fn: binary.attrs.fn.indexOf(node.attrs.fn),
        ...(isF32 ? {} : { element: elementCodes[y.element] }),
        ...params,
      },
      args: [reads('a', cx.view(a)), reads('b', cx.view(b)), writes('y', cx.output(node.results[0]))],
      ...(elements(a.type.shape) === elements(y.shape) ? { inPlace: 'a' } : {}),
    }),
  );
};
