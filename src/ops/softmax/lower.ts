import { elements } from '../../ir/type.js';
import { plainRequest } from '../any.js';
import { type Lowering, reads, stepFor, writes } from '../lowering.js';

export const lower: Lowering<'softmax'> = (node, cx) => {
  const [x] = node.operands;
  const { shape } = x.type;
  const { axis } = node.attrs;
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('softmax_f32', elements(shape), [cx.view(x)]), node),
      params: { outer: elements(shape.slice(0, axis)), dim: shape[axis], inner: elements(shape.slice(axis + 1)) },
      args: [reads('x', cx.view(x)), writes('y', cx.output(node.results[0]))],
    }),
  );
};
