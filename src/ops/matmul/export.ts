import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';

export function exportNode(node: Node<'matmul'>, cx: ExportContext): void {
  const flags = [node.attrs.transpose_a, node.attrs.transpose_b];
  const names = node.operands.map((v, i) => {
    if (!flags[i]) return cx.name(v);
    const rank = v.type.shape.length;
    const perm = v.type.shape.map((_, d) => (d < rank - 2 ? d : d === rank - 2 ? rank - 1 : rank - 2));
    return cx.transposed(cx.name(v), perm, undefined);
  });
  if (node.operands.some((v) => v.type.kind === 'quant')) cx.refuse('a product of stored integers');
  cx.result(node.results[0], 'MatMul', names);
}
