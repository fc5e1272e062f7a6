import { elementBytes, stridesOf } from '../../ir/type.js';
import type { Lowering } from '../lowering.js';
import { emitMove } from '../move-lower.js';

export const lower: Lowering<'slice'> = (node, cx) => {
  const [x] = node.operands;
  const { starts, steps, sizes } = node.attrs;
  const own = stridesOf(x.type.shape);
  emitMove(node, cx, cx.view(x), cx.output(node.results[0]), elementBytes[x.type.element], {
    dims: sizes,
    x: steps.map((s, d) => s * own[d]),
    y: stridesOf(sizes),
    xFirst: starts.reduce((sum, s, d) => sum + s * own[d], 0),
  });
};
