import { elements } from '../../ir/type.js';
import { plainRequest } from '../any.js';
import { flag, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { windowParams } from '../window.js';

export const lower: Lowering<'max-pool-index'> = (node, cx) => {
  const [x] = node.operands;
  const y = node.results[0].type;
  const { attrs } = node;
  const work = elements(y.shape) * attrs.kernel[0] * attrs.kernel[1];
  const family = `max_pool_index_${x.type.kind === 'float' ? 'f32' : 'q8'}`;
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest(family, work, [cx.view(x)]), node),
      params: { ...windowParams(attrs, x.type.shape, y.shape), columns: flag(attrs.columns) },
      args: [reads('x', cx.view(x)), writes('y', cx.output(node.results[0]))],
    }),
  );
};
