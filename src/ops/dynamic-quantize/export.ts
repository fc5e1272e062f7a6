import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';

export function exportNode(node: Node<'dynamic-quantize'>, cx: ExportContext): void {
  const names = node.results.map(() => cx.fresh('dynamic'));
  cx.node('DynamicQuantizeLinear', [cx.name(node.operands[0])], names);
  for (const [i, result] of node.results.entries()) cx.alias(result, 'own', names[i]);
}
