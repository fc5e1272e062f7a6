import { elements } from '../../ir/type.js';
import { alongAxis, plainRequest } from '../any.js';
import { flag, type Lowering, reads, stepFor, writes } from '../lowering.js';

export const lower: Lowering<'top-k'> = (node, cx) => {
  const [x] = node.operands;
  const { shape, element } = x.type;
  const { axis, k } = node.attrs;
  const family = element === 's8' || element === 'u8' ? 'top_k_q8' : `top_k_${element}`;
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest(family, elements(shape), [cx.view(x)]), node),
      params: {
        ...alongAxis(shape, axis),
        k,
        least: flag(node.attrs.fn === 'min'),
        x_signed: flag(element === 's8'),
      },
      args: [
        reads('x', cx.view(x)),
        writes('y', cx.output(node.results[0])),
        writes('index', cx.output(node.results[1])),
      ],
    }),
  );
};
