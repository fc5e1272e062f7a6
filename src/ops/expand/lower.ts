import { elementBytes, stridesOf } from '../../ir/type.js';
import type { Lowering } from '../lowering.js';
import { emitMove } from '../move-lower.js';
import { broadcastStrides } from '../moves.js';

export const lower: Lowering<'expand'> = (node, cx) => {
  const [x] = node.operands;
  const { shape } = node.attrs;
  emitMove(node, cx, cx.view(x), cx.output(node.results[0]), elementBytes[x.type.element], {
    dims: shape,
    x: broadcastStrides(x.type.shape, shape),
    y: stridesOf(shape),
  });
};
