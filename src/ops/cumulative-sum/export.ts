import type { Node } from '../../ir/graph.js';
import { indexType } from '../../ir/type.js';
import type { ExportContext } from '../../onnx/exporter.js';

export function exportNode(node: Node<'cumulative-sum'>, cx: ExportContext): void {
  const { axis, exclusive, reverse } = node.attrs;
  const attributes = { exclusive: { int: exclusive ? 1 : 0 }, reverse: { int: reverse ? 1 : 0 } };
  const along = cx.scalar('axis', indexType('s64', []), axis);
  cx.result(node.results[0], 'CumSum', [cx.name(node.operands[0]), along], attributes);
}
