import { lowerFloat } from '../conv2d/lower.js';
import { f32, type Lowering } from '../lowering.js';
import { conv2dFused } from './op.js';

export const lower: Lowering<'conv2d-fused'> = (node, cx) => {
  const { before, before_a, before_b, after, after_a, after_b, add, bias } = node.attrs;
  const rest = node.operands.slice(2);
  lowerFloat(node, cx, {
    bias: bias ? rest[0] : undefined,
    residual: add ? rest[rest.length - 1] : undefined,
    before: conv2dFused.attrs.before.indexOf(before),
    after: conv2dFused.attrs.after.indexOf(after),
    data: { before_a: f32(before_a), before_b: f32(before_b), after_a: f32(after_a), after_b: f32(after_b) },
  });
};
