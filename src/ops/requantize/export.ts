import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';

export function exportNode(node: Node<'requantize'>, cx: ExportContext): void {
  const [x] = node.operands;
  const [y] = node.results;
  const form = cx.formOf(x);
  const [from, to] = [cx.affineOf(x), cx.affineOf(y)];
  const real = cx.inner('DequantizeLinear', [cx.name(x, form), ...from.inputs], from.attributes);
  cx.result(y, 'QuantizeLinear', [real, ...to.inputs], to.attributes, form);
}
