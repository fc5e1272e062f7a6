import { elements, isPlainByte } from '../../ir/type.js';
import { type Lowering, NoKernel } from '../lowering.js';
import { emitConvert, emitQuantizeAny, emitQuantizeByte, isPlainWide } from '../quantize-lower.js';

/** f32 -> stored integers, in row-major order. */
export const lower: Lowering<'quantize'> = (node, cx) => {
  const [x] = node.operands;
  const y = node.results[0].type;
  if (y.kind !== 'quant') throw new TypeError('y is quantized');
  if (x.type.element === 'f64' || y.element === 's32')
    throw new NoKernel(`no kernel quantizes ${x.type.element} to ${y.element}`);
  if (isPlainWide(y)) return emitConvert(node, undefined, y, cx.view(x), cx.output(node.results[0]), cx);
  if (!isPlainByte(y)) return emitQuantizeAny(node, y, cx.view(x), cx.output(node.results[0]), cx);
  const count = elements(y.shape);
  emitQuantizeByte(node, y, { outer: 1, rows: 1, columns: count, x_row: count, x_column: 1 }, cx);
};
