import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';

export function exportNode(node: Node<'pad'>, cx: ExportContext): void {
  const { before, after, value } = node.attrs;
  const [x] = node.operands;
  const inputs = [cx.name(x), cx.ints('pads', [...before, ...after]), cx.scalar('value', x.type, value)];
  cx.result(node.results[0], 'Pad', inputs);
}
