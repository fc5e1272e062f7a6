import { elementBytes, stridesOf } from '../../ir/type.js';
import type { Lowering } from '../lowering.js';
import { emitMove } from '../move-lower.js';

/** A transpose that no pass could remove: a strided copy. */
export const lower: Lowering<'transpose'> = (node, cx) => {
  const [x] = node.operands;
  const y = node.results[0].type;
  const from = stridesOf(x.type.shape);
  emitMove(node, cx, cx.view(x), cx.output(node.results[0]), elementBytes[y.element], {
    dims: y.shape,
    x: node.attrs.perm.map((p) => from[p]),
    y: stridesOf(y.shape),
  });
};
