import type { Node } from '../../ir/graph.js';
import { elementRange } from '../../ir/type.js';
import { type ExportContext, isFakeQuantized } from '../../onnx/exporter.js';

export function exportNode(node: Node<'quantize'>, cx: ExportContext): void {
  const [x] = node.operands;
  const [y] = node.results;
  // Weights are written, in the layout it needs, for each who reads them.
  if (y.type.kind !== 'quant' || (x.kind === 'const' && isFakeQuantized(y))) return;
  const form = cx.formOf(x);
  if (y.type.affine.per !== 'tensor' && form !== 'own') cx.refuse('a tensor quantized per axis in another layout');
  const { inputs, attributes } = cx.affineOf(y);
  const [low, high] = y.type.range;
  const [least, most] = elementRange[y.type.element];
  const operands = [cx.name(x, form), ...inputs];
  if (low === least && high === most) {
    cx.result(y, 'QuantizeLinear', operands, attributes, form);
    return;
  }
  // A reduced range is an integer Clip, as PyTorch writes it.
  const stored = cx.inner('QuantizeLinear', operands, attributes);
  cx.result(y, 'Clip', [stored, cx.scalar('low', y.type, low), cx.scalar('high', y.type, high)], {}, form);
}
