import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';

export function exportNode(node: Node<'expand'>, cx: ExportContext): void {
  cx.result(node.results[0], 'Expand', [cx.name(node.operands[0]), cx.ints('shape', node.attrs.shape)]);
}
