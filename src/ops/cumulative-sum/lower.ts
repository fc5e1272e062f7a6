import { elements } from '../../ir/type.js';
import { alongAxis, plainRequest } from '../any.js';
import { flag, type Lowering, reads, stepFor, writes } from '../lowering.js';

export const lower: Lowering<'cumulative-sum'> = (node, cx) => {
  const [x] = node.operands;
  const { shape, element } = x.type;
  const { axis, exclusive, reverse } = node.attrs;
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest(`cumulative_${element}`, elements(shape), [cx.view(x)]), node),
      params: {
        ...alongAxis(shape, axis),
        exclusive: flag(exclusive),
        reverse: flag(reverse),
      },
      args: [reads('x', cx.view(x)), writes('y', cx.output(node.results[0]))],
    }),
  );
};
