import type { Node } from '../../ir/graph.js';
import { f32Data } from '../../ir/type.js';
import type { ExportContext } from '../../onnx/exporter.js';
import { floatWeights, partsOf, startOf, writeCell } from '../recurrent-export.js';

/** GRU. No operator quantizes its activations at run time: weights on 8 bits, where asked for, are dequantized before it. */
export function exportNode(node: Node<'gru'>, cx: ExportContext): void {
  const [, gates, state, h, candidate] = node.operands;
  const hidden = node.results[0].type.shape[2];
  if (candidate !== undefined && candidate.kind !== 'const') cx.refuse('a bias computed at run time');
  const added = candidate === undefined ? undefined : new Float32Array(3 * hidden);
  if (candidate?.kind === 'const') added?.set(f32Data(candidate.tensor), 2 * hidden);
  const parts = partsOf(node, [gates, state], added, cx);
  const attributes = { linear_before_reset: { int: candidate === undefined ? 0 : 1 } };
  const inputs = [parts.x, ...floatWeights(parts, cx), parts.b ?? '', '', startOf(h, cx)];
  writeCell(node, { name: 'GRU', domain: '', attributes }, inputs, cx);
}
