import { elements } from '../../ir/type.js';
import { alongAxis, plainRequest } from '../any.js';
import { flag, type Lowering, reads, stepFor, writes } from '../lowering.js';

export const lower: Lowering<'arg-extremum'> = (node, cx) => {
  const [x] = node.operands;
  const { shape, element } = x.type;
  const { axis } = node.attrs;
  const family = element === 's8' || element === 'u8' ? 'arg_q8' : `arg_${element}`;
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest(family, elements(shape), [cx.view(x)]), node),
      params: {
        ...alongAxis(shape, axis),
        least: flag(node.attrs.fn === 'min'),
        last: flag(node.attrs.last),
        x_signed: flag(element === 's8'),
      },
      args: [reads('x', cx.view(x)), writes('y', cx.output(node.results[0]))],
    }),
  );
};
