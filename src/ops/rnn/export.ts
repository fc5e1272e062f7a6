import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';
import { floatWeights, partsOf, startOf, writeCell } from '../recurrent-export.js';

const names = { tanh: 'Tanh', relu: 'Relu', sigmoid: 'Sigmoid' } as const;

/** RNN. No operator quantizes its activations at run time: weights on 8 bits, where asked for, are dequantized before it. */
export function exportNode(node: Node<'rnn'>, cx: ExportContext): void {
  const [, r, h] = node.operands;
  const parts = partsOf(node, [r], undefined, cx);
  const attributes = { activations: { strings: [names[node.attrs.fn]] } };
  const inputs = [parts.x, ...floatWeights(parts, cx), parts.b ?? '', '', startOf(h, cx)];
  writeCell(node, { name: 'RNN', domain: '', attributes }, inputs, cx);
}
