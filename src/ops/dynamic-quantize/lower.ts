import { elements } from '../../ir/type.js';
import { plainRequest } from '../any.js';
import { type Lowering, reads, stepFor, writes } from '../lowering.js';
import { rowLength } from './op.js';

export const lower: Lowering<'dynamic-quantize'> = (node, cx) => {
  const [x] = node.operands;
  const [q, scale, zero] = node.results;
  const { shape } = x.type;
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('dynamic_quantize', elements(shape), [cx.view(x)]), node),
      params: { rows: elements(scale.type.shape), count: rowLength(node.attrs.per, shape) },
      args: [
        reads('x', cx.view(x)),
        writes('y', cx.output(q)),
        writes('scale', cx.output(scale)),
        writes('zero', cx.output(zero)),
      ],
    }),
  );
};
