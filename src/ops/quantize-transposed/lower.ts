import { elements } from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { proved } from '../../target/choose.js';
import { f32, flag, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { planesOf } from '../planes.js';

/** f32 -> 8 bit; columns of x become rows of y. */
export const lower: Lowering<'quantize-transposed'> = (node, cx) => {
  const [x] = node.operands;
  const y = node.results[0].type;
  const planes = planesOf(x.type.shape, node.attrs.perm);
  if (y.kind !== 'quant' || planes === undefined)
    throw new TypeError('checked: y is quantized, its layout expressible');
  const choice = cx.choose(
    { family: 'quantize', prove: () => proved(''), work: () => elements(y.shape), reads: [cx.view(x)] },
    node,
  );
  cx.emit(
    stepFor(node, {
      choice,
      params: { ...planes, x_row: 1, x_column: planes.rows, y_signed: flag(y.element === 's8') },
      data: {
        scale: f32(scaleAt(y.affine, 0)),
        zero: zeroPointAt(y.affine, 0),
        y_min: y.range[0],
        y_max: y.range[1],
      },
      args: [reads('x', cx.view(x)), writes('y', cx.output(node.results[0]))],
    }),
  );
};
