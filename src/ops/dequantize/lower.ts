import { elements, isPlainByte } from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { proved } from '../../target/choose.js';
import { f32, type Lowering, NoKernel, reads, stepFor, writes } from '../lowering.js';
import { emitConvert, emitDequantizeAny, isPlainWide } from '../quantize-lower.js';

export const elementCodes: Readonly<Record<string, number>> = { u8: 0, s8: 1, s32: 2 };

/** Stored integers -> f32, in row-major order. */
export const lower: Lowering<'dequantize'> = (node, cx) => {
  const [x] = node.operands;
  if (x.type.kind !== 'quant') throw new TypeError('x is quantized');
  const y = node.results[0].type;
  if (y.element === 'f64') throw new NoKernel(`no kernel dequantizes to ${y.element}`);
  if (isPlainWide(x.type)) return emitConvert(node, x.type, undefined, cx.view(x), cx.output(node.results[0]), cx);
  if (!(x.type.affine.per === 'tensor' && x.type.element === 's32') && !isPlainByte(x.type))
    return emitDequantizeAny(node, x.type, cx.view(x), cx.output(node.results[0]), cx);
  const count = elements(x.type.shape);
  const choice = cx.choose(
    { family: 'dequantize', prove: () => proved(''), work: () => count, reads: [cx.view(x)] },
    node,
  );
  cx.emit(
    stepFor(node, {
      choice,
      params: { outer: 1, rows: 1, columns: count, x_row: count, x_column: 1, element: elementCodes[x.type.element] },
      data: { scale: f32(scaleAt(x.type.affine, 0)), zero: zeroPointAt(x.type.affine, 0) },
      args: [reads('x', cx.view(x)), writes('y', cx.output(node.results[0]))],
    }),
  );
};
