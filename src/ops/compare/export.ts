import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';

const operators = { equal: 'Equal', less: 'Less', 'less-or-equal': 'LessOrEqual' } as const;

export function exportNode(node: Node<'compare'>, cx: ExportContext): void {
  cx.result(
    node.results[0],
    operators[node.attrs.fn],
    node.operands.map((v) => cx.name(v)),
  );
}
