import { elements } from '../../ir/type.js';
import { zeroPointAt } from '../../quant/affine.js';
import { plainRequest } from '../any.js';
import { type Lowering, reads, stepFor, writes } from '../lowering.js';
import { meanMultiplier } from './op.js';

export const lower: Lowering<'mean-fixed'> = (node, cx) => {
  const [x] = node.operands;
  const y = node.results[0].type;
  if (x.type.kind !== 'quant' || y.kind !== 'quant') throw new TypeError('quantized only');
  const [outer, count, inner] = x.type.shape;
  const scaling = { ...meanMultiplier(x.type, y, count), y_min: y.range[0], y_max: y.range[1] };
  const zeros = { x_zero: zeroPointAt(x.type.affine, 0), y_zero: zeroPointAt(y.affine, 0) };
  const isWide = y.element === 's16';
  const family = isWide ? 'mean_fixed_s16' : 'mean_fixed_q8';
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest(family, elements(x.type.shape), [cx.view(x)]), node),
      params: { outer, count, inner },
      data: isWide ? scaling : { ...zeros, ...scaling },
      args: [reads('x', cx.view(x)), writes('y', cx.output(node.results[0]))],
    }),
  );
};
