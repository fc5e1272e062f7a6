import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';

export function exportNode(node: Node<'where'>, cx: ExportContext): void {
  cx.result(
    node.results[0],
    'Where',
    node.operands.map((v) => cx.name(v)),
  );
}
