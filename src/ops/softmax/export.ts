import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';

const operators = { softmax: 'Softmax', 'log-softmax': 'LogSoftmax', hardmax: 'Hardmax' } as const;

export function exportNode(node: Node<'softmax'>, cx: ExportContext): void {
  if (node.operands[0].type.kind === 'quant') cx.refuse('a softmax of stored integers');
  const { fn, axis } = node.attrs;
  cx.result(node.results[0], operators[fn], [cx.name(node.operands[0])], { axis: { int: axis } });
}
