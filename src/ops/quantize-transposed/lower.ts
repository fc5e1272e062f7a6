import type { Lowering } from '../lowering.js';
import { planesOf } from '../planes.js';
import { emitQuantizeByte } from '../quantize-lower.js';

/** f32 -> 8 bit; columns of x become rows of y. */
export const lower: Lowering<'quantize-transposed'> = (node, cx) => {
  const [x] = node.operands;
  const y = node.results[0].type;
  const planes = planesOf(x.type.shape, node.attrs.perm);
  if (y.kind !== 'quant' || planes === undefined)
    throw new TypeError('checked: y is quantized, its layout expressible');
  emitQuantizeByte(node, y, { ...planes, x_row: 1, x_column: planes.rows }, cx);
};
