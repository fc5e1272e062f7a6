import { elements } from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { proved } from '../../target/choose.js';
import { elementCodes } from '../dequantize/lower.js';
import { f32, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { planesOf } from '../planes.js';

/** Stored integers -> f32; columns of x become rows of y. */
export const lower: Lowering<'dequantize-transposed'> = (node, cx) => {
  const [x] = node.operands;
  const planes = planesOf(x.type.shape, node.attrs.perm);
  if (x.type.kind !== 'quant' || planes === undefined)
    throw new TypeError('checked: x is quantized, its layout expressible');
  const choice = cx.choose(
    { family: 'dequantize', prove: () => proved(''), work: () => elements(x.type.shape), reads: [cx.view(x)] },
    node,
  );
  cx.emit(
    stepFor(node, {
      choice,
      params: { ...planes, x_row: 1, x_column: planes.rows, element: elementCodes[x.type.element] },
      data: { scale: f32(scaleAt(x.type.affine, 0)), zero: zeroPointAt(x.type.affine, 0) },
      args: [reads('x', cx.view(x)), writes('y', cx.output(node.results[0]))],
    }),
  );
};
