import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';
import { dynamicWeights, floatWeights, partsOf, startOf, writeCell } from '../recurrent-export.js';

/** LSTM, or com.microsoft.DynamicQuantizeLSTM where the product with its input is to be quantized at run time. */
export function exportNode(node: Node<'lstm'>, cx: ExportContext): void {
  const [, r, h, c, peephole] = node.operands;
  const parts = partsOf(node, [r], undefined, cx);
  const hidden = node.results[0].type.shape[2];
  const p = peephole === undefined ? '' : cx.reshaped(cx.name(peephole), [1, 3 * hidden], undefined);
  const rest = [parts.b ?? '', '', startOf(h, cx), startOf(c, cx), p];
  if (cx.isDynamic(parts.product) && parts.w.kind === 'const') {
    const [w, wScale, wZero] = dynamicWeights(parts.w, cx);
    const [state, rScale, rZero] = dynamicWeights(parts.r, cx);
    const inputs = [parts.x, w, state, ...rest, wScale, wZero, rScale, rZero];
    writeCell(node, { name: 'DynamicQuantizeLSTM', domain: 'com.microsoft' }, inputs, cx);
    return;
  }
  writeCell(node, { name: 'LSTM', domain: '' }, [parts.x, ...floatWeights(parts, cx), ...rest], cx);
}
