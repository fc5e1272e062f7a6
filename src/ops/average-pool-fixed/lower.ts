import { elements } from '../../ir/type.js';
import { plainRequest } from '../any.js';
import { flag, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { proveWindow } from '../pool-lower.js';
import { windowParams } from '../window.js';

export const lower: Lowering<'average-pool-fixed'> = (node, cx) => {
  const [x] = node.operands;
  const y = node.results[0].type;
  if (y.kind !== 'quant') throw new TypeError('quantized only');
  const { attrs } = node;
  const work = elements(y.shape) * attrs.kernel[0] * attrs.kernel[1];
  const isSigned = flag(y.element === 's8');
  const family = y.element === 's16' ? 'average_pool_fixed_s16' : 'average_pool_fixed_q8';
  cx.emit(
    stepFor(node, {
      choice: cx.choose(
        {
          ...plainRequest(family, work, [cx.view(x)]),
          prove: (word) => proveWindow(attrs, word),
        },
        node,
      ),
      params: {
        ...windowParams(attrs, x.type.shape, y.shape),
        count_include_pad: 0,
        x_signed: isSigned,
        y_signed: isSigned,
      },
      data: { x_zero: 0, y_zero: 0, y_min: y.range[0], y_max: y.range[1] },
      args: [reads('x', cx.view(x)), writes('y', cx.output(node.results[0]))],
    }),
  );
};
