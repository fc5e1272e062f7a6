import { InternalError } from '../../ir/build.js';
import { elements } from '../../ir/type.js';
import { plainRequest, six } from '../any.js';
import { broadcastStrides } from '../broadcast.js';
import { type Lowering, reads, stepFor, writes } from '../lowering.js';

import { binary } from './op.js';

export const lower: Lowering<'binary'> = (node, cx) => {
  const [a, b] = node.operands;
  const y = node.results[0].type;
  if (y.element !== 'f32' || y.shape.length > 6)
    throw new InternalError(`binary of ${y.element}, rank ${y.shape.length}, reaches lowering`);
  const isWhole = elements(a.type.shape) === elements(y.shape);
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('binary_f32', elements(y.shape), [cx.view(a), cx.view(b)]), node),
      params: {
        fn: binary.attrs.fn.indexOf(node.attrs.fn),
        ...six('d', y.shape, 1),
        ...six('a', broadcastStrides(a.type.shape, y.shape), 0),
        ...six('b', broadcastStrides(b.type.shape, y.shape), 0),
      },
      args: [reads('a', cx.view(a)), reads('b', cx.view(b)), writes('y', cx.output(node.results[0]))],
      ...(isWhole ? { inPlace: 'a' } : {}),
    }),
  );
};
