import { elements, isPlainByte, type QuantType } from '../../ir/type.js';
import { type Lowering, NoKernel } from '../lowering.js';
import { emitConvert, emitDequantizeAny, emitQuantizeAny, isPlainWide } from '../quantize-lower.js';

/** A requantization that is no table, because x has 16 bits or y has: one step, or through floats, as its formula says. */
export const lower: Lowering<'requantize'> = (node, cx) => {
  const [x] = node.operands;
  const y = node.results[0].type;
  if (x.type.kind !== 'quant' || y.kind !== 'quant') throw new TypeError('x and y are quantized');
  if (y.element === 's32') throw new NoKernel('no kernel requantizes to s32');
  const isPlain = (type: QuantType): boolean => isPlainWide(type) || isPlainByte(type);
  if (isPlain(x.type) && isPlain(y)) return emitConvert(node, x.type, y, cx.view(x), cx.output(node.results[0]), cx);
  const reals = cx.temporary(4 * elements(x.type.shape));
  emitDequantizeAny(node, x.type, cx.view(x), reals, cx);
  emitQuantizeAny(node, y, reals, cx.output(node.results[0]), cx);
};
