import { elementBytes, elements, stridesOf } from '../../ir/type.js';
import type { Lowering } from '../lowering.js';
import { emitMove } from '../move-lower.js';

/** One copy per operand that was not computed in place. */
export const lower: Lowering<'concat'> = (node, cx) => {
  const [result] = node.results;
  const to = cx.output(result);
  const { shape: full } = result.type;
  const size = elementBytes[result.type.element];
  const strides = stridesOf(full);
  const { axis } = node.attrs;
  const isRun = elements(full.slice(0, axis)) === 1;
  let first = 0;
  for (const x of node.operands) {
    const { shape } = x.type;
    const from = cx.view(x);
    const bytes = elements(shape) * size;
    const part = isRun ? { ...to, offset: to.offset + first * size, bytes } : to;
    const isThere = from.buffer === part.buffer && from.offset === part.offset;
    if (!(isRun && isThere))
      emitMove(node, cx, from, part, size, { dims: shape, x: stridesOf(shape), y: strides, yFirst: isRun ? 0 : first });
    first += shape[axis] * strides[axis];
  }
};
