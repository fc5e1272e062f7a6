import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';

export function exportNode(node: Node<'arg-extremum'>, cx: ExportContext): void {
  const { fn, axis, last } = node.attrs;
  const attributes = { axis: { int: axis }, keepdims: { int: 1 }, select_last_index: { int: last ? 1 : 0 } };
  cx.result(node.results[0], fn === 'max' ? 'ArgMax' : 'ArgMin', [cx.name(node.operands[0])], attributes);
}
