import { flag, type Lowering } from '../lowering.js';
import { emitInterpolation } from '../resize-linear-lower.js';

export const lower: Lowering<'resize-linear-fixed'> = (node, cx) => {
  const { element } = node.operands[0].type;
  const family = element === 's16' ? 'resize_linear_fixed_s16' : 'resize_linear_fixed_q8';
  emitInterpolation(node, cx, family, { params: { x_signed: flag(element === 's8') } });
};
