import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';

export function exportNode(node: Node<'gather'>, cx: ExportContext): void {
  const attributes = { axis: { int: node.attrs.axis } };
  cx.result(
    node.results[0],
    'Gather',
    node.operands.map((v) => cx.name(v)),
    attributes,
  );
}
