import { elements } from '../../ir/type.js';
import { verdict } from '../../target/choose.js';
import { plainRequest } from '../any.js';
import { flag, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { windowParams } from '../window.js';

export const lower: Lowering<'max-pool'> = (node, cx) => {
  const [x] = node.operands;
  const y = node.results[0].type;
  const { attrs } = node;
  const work = elements(y.shape) * attrs.kernel[0] * attrs.kernel[1];
  const params = { ...windowParams(attrs, x.type.shape, y.shape), count_include_pad: 0 };
  const args = [reads('x', cx.view(x)), writes('y', cx.output(node.results[0]))];
  if (y.kind === 'float') {
    cx.emit(stepFor(node, { choice: cx.choose(plainRequest('max_pool_f32', work, [cx.view(x)]), node), params, args }));
    return;
  }
  const isUndilated = attrs.dilations.every((d) => d === 1);
  const choice = cx.choose(
    {
      family: y.element === 's16' ? 'max_pool_s16' : 'max_pool_q8',
      prove: (word) =>
        word === 'UNIT_DILATION' ? verdict(isUndilated, 'dilation 1', 'the window is dilated') : undefined,
      work: () => work,
      reads: [cx.view(x)],
    },
    node,
  );
  const isSigned = flag(y.element === 's8');
  cx.emit(
    stepFor(node, {
      choice,
      params: { ...params, x_signed: isSigned, y_signed: isSigned },
      data: {
        x_zero: 0,
        y_zero: 0,
        y_min: y.kind === 'quant' ? y.range[0] : 0,
        y_max: y.kind === 'quant' ? y.range[1] : 0,
      },
      args,
    }),
  );
};
