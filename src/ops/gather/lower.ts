import { elementBytes, elements, numbers } from '../../ir/type.js';
import { plainRequest } from '../any.js';
import { flag, type Lowering, reads, stepFor, writes } from '../lowering.js';

export const lower: Lowering<'gather'> = (node, cx) => {
  const [x, index] = node.operands;
  const y = node.results[0].type;
  const { axis } = node.attrs;
  const { shape } = x.type;
  const isInside = index.kind === 'const' && numbers(index.tensor).every((k) => k >= 0 && k < shape[axis]);
  const run = elements(shape.slice(axis + 1)) * elementBytes[y.element];
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('gather', elements(y.shape), [cx.view(x)]), node),
      params: {
        outer: elements(shape.slice(0, axis)),
        dim: shape[axis],
        run,
        count: elements(index.type.shape),
        index_bytes: elementBytes[index.type.element],
        is_inside: flag(isInside),
      },
      args: [reads('x', cx.view(x)), reads('index', cx.view(index)), writes('y', cx.output(node.results[0]))],
    }),
  );
};
