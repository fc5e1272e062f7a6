import { elements } from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { proved } from '../../target/choose.js';
import { f32, flag, type Lowering, NoKernel, reads, stepFor, writes } from '../lowering.js';
import { emitQuantizeAny, isPlainByte } from '../quantize-lower.js';

/** f32 -> stored integers, in row-major order. */
export const lower: Lowering<'quantize'> = (node, cx) => {
  const [x] = node.operands;
  const y = node.results[0].type;
  if (y.kind !== 'quant') throw new TypeError('y is quantized');
  if (x.type.element === 'f64' || y.element === 's32')
    throw new NoKernel(`no kernel quantizes ${x.type.element} to ${y.element}`);
  if (!isPlainByte(y)) return emitQuantizeAny(node, y, cx.view(x), cx.output(node.results[0]), cx);
  const count = elements(y.shape);
  const choice = cx.choose(
    { family: 'quantize', prove: () => proved(''), work: () => count, reads: [cx.view(x)] },
    node,
  );
  cx.emit(
    stepFor(node, {
      choice,
      params: { outer: 1, rows: 1, columns: count, x_row: count, x_column: 1, y_signed: flag(y.element === 's8') },
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
