import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';

/** NHWC axes in NCHW. */
const toNchw = [0, 2, 3, 1];

export function exportNode(node: Node<'concat'>, cx: ExportContext): void {
  const isNchw = node.operands.every((v) => cx.formOf(v) === 'nchw');
  const form = isNchw ? 'nchw' : 'own';
  const axis = { int: isNchw ? toNchw[node.attrs.axis] : node.attrs.axis };
  cx.result(
    node.results[0],
    'Concat',
    node.operands.map((v) => cx.name(v, form)),
    { axis },
    form,
  );
}
