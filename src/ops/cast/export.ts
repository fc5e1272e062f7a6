import type { Node } from '../../ir/graph.js';
import { codeOfElement } from '../../onnx/element-types.js';
import type { ExportContext } from '../../onnx/exporter.js';

export function exportNode(node: Node<'cast'>, cx: ExportContext): void {
  const [x] = node.operands;
  const form = cx.formOf(x);
  const to = { int: codeOfElement(node.results[0].type.element) };
  cx.result(node.results[0], 'Cast', [cx.name(x, form)], { to }, form);
}
