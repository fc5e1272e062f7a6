import { type Lowering, NoKernel } from '../lowering.js';
import { emitConvert } from '../quantize-lower.js';

/** A requantization that is no table, because x has 16 bits or y has. */
export const lower: Lowering<'requantize'> = (node, cx) => {
  const [x] = node.operands;
  const y = node.results[0].type;
  if (x.type.kind !== 'quant' || y.kind !== 'quant') throw new TypeError('x and y are quantized');
  if (y.element === 's32') throw new NoKernel('no kernel requantizes to s32');
  emitConvert(node, x.type, y, cx.view(x), cx.output(node.results[0]), cx);
};
