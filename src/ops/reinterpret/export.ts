import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';

/** Scales are told by those who read the integers: the bytes are the same. */
export function exportNode(node: Node<'reinterpret'>, cx: ExportContext): void {
  const [x] = node.operands;
  const form = cx.formOf(x);
  cx.alias(node.results[0], form, cx.name(x, form));
}
