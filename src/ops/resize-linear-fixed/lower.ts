import { flag, type Lowering } from '../lowering.js';
import { emitInterpolation } from '../resize-linear-lower.js';

export const lower: Lowering<'resize-linear-fixed'> = (node, cx) =>
  emitInterpolation(node, cx, 'resize_linear_fixed_q8', {
    params: { x_signed: flag(node.operands[0].type.element === 's8') },
  });
