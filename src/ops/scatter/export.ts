import type { Node } from '../../ir/graph.js';
import { elements } from '../../ir/type.js';
import type { ExportContext } from '../../onnx/exporter.js';

/** ScatterND on the tensor as rows of one entry each. */
export function exportNode(node: Node<'scatter'>, cx: ExportContext): void {
  const { fn } = node.attrs;
  const [x, index, updates] = node.operands;
  const count = elements(index.type.shape);
  const run = count === 0 ? 1 : elements(updates.type.shape) / count;
  cx.needs(fn === 'none' ? 13 : fn === 'max' || fn === 'min' ? 18 : 16);
  const shaped = (name: string, ...shape: number[]) => cx.reshaped(name, shape, undefined);
  const rows = shaped(cx.name(x), elements(x.type.shape) / run, run);
  const places = shaped(cx.name(index), count, 1);
  const reduction = fn === 'none' ? {} : { reduction: { string: fn } };
  const written = cx.inner('ScatterND', [rows, places, shaped(cx.name(updates), count, run)], reduction);
  cx.result(node.results[0], 'Reshape', [written, cx.ints('shape', x.type.shape)]);
}
