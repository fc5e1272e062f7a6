import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';

export function exportNode(node: Node<'grid-sample'>, cx: ExportContext): void {
  const [x, grid] = node.operands;
  const { mode, padding, corners } = node.attrs;
  cx.needs(20);
  const attributes = {
    mode: { string: mode },
    padding_mode: { string: padding },
    align_corners: { int: corners ? 1 : 0 },
  };
  cx.result(node.results[0], 'GridSample', [cx.name(x, 'nchw'), cx.name(grid)], attributes, 'nchw');
}
