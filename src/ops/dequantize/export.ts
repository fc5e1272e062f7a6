import type { Node } from '../../ir/graph.js';
import { type ExportContext, isFakeQuantized } from '../../onnx/exporter.js';

export function exportNode(node: Node<'dequantize'>, cx: ExportContext): void {
  const [x] = node.operands;
  if (x.type.kind !== 'quant') return;
  // Constants are weights: they are written, in the layout it needs, for each who reads them.
  if (x.kind === 'const' || isFakeQuantized(x)) return;
  const form = cx.formOf(x);
  if (x.type.affine.per !== 'tensor' && form !== 'own') cx.refuse('a tensor quantized per axis in another layout');
  const { inputs, attributes } = cx.affineOf(x);
  cx.result(node.results[0], 'DequantizeLinear', [cx.name(x, form), ...inputs], attributes, form);
}
