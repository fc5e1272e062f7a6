import { elementBytes, stridesOf } from '../../ir/type.js';
import type { Lowering } from '../lowering.js';
import { emitMove } from '../move-lower.js';

/** One copy per operand. */
export const lower: Lowering<'concat'> = (node, cx) => {
  const [result] = node.results;
  const to = cx.output(result);
  const strides = stridesOf(result.type.shape);
  const { axis } = node.attrs;
  let yFirst = 0;
  for (const x of node.operands) {
    const { shape, element } = x.type;
    emitMove(node, cx, cx.view(x), to, elementBytes[element], { dims: shape, x: stridesOf(shape), y: strides, yFirst });
    yFirst += shape[axis] * strides[axis];
  }
};
