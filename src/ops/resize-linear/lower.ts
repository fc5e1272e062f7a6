import { f32, type Lowering } from '../lowering.js';
import { emitInterpolation } from '../resize-linear-lower.js';

export const lower: Lowering<'resize-linear'> = (node, cx) =>
  emitInterpolation(node, cx, 'resize_linear_f32', { data: { outside: f32(Math.fround(node.attrs.outside)) } });
