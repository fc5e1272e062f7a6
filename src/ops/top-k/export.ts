import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';

export function exportNode(node: Node<'top-k'>, cx: ExportContext): void {
  const { fn, axis, k } = node.attrs;
  const attributes = { axis: { int: axis }, largest: { int: fn === 'max' ? 1 : 0 } };
  cx.results(node.results, 'TopK', [cx.name(node.operands[0]), cx.ints('k', [k])], attributes);
}
