import { InternalError } from '../../ir/build.js';
import { elementBytes, elements, stridesOf } from '../../ir/type.js';
import { plainRequest, six } from '../any.js';
import { type Lowering, reads, stepFor, writes } from '../lowering.js';

/** A transpose that no pass could remove: a strided copy. */
export const lower: Lowering<'transpose'> = (node, cx) => {
  const [x] = node.operands;
  const y = node.results[0].type;
  if (y.shape.length > 6) throw new InternalError(`transpose of ${y.shape.length} dimensions reaches lowering`);
  const from = stridesOf(x.type.shape);
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('move', elements(y.shape), [cx.view(x)]), node),
      params: {
        size: elementBytes[y.element],
        ...six('d', y.shape, 1),
        ...six(
          'x',
          node.attrs.perm.map((p) => from[p]),
          0,
        ),
        ...six('y', stridesOf(y.shape), 0),
      },
      args: [reads('x', cx.view(x)), writes('y', cx.output(node.results[0]))],
    }),
  );
};
