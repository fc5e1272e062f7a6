import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';

const operators = {
  sum: 'ReduceSum',
  mean: 'ReduceMean',
  max: 'ReduceMax',
  min: 'ReduceMin',
  prod: 'ReduceProd',
  l1: 'ReduceL1',
  'sum-square': 'ReduceSumSquare',
  'log-sum-exp': 'ReduceLogSumExp',
} as const;

export function exportNode(node: Node<'reduce'>, cx: ExportContext): void {
  const { fn, axes } = node.attrs;
  const x = cx.name(node.operands[0]);
  const keepdims = { int: 1 };
  // The sum took its axes as an input first, the others from opset 18 on. No axes at all: each element by itself.
  const isInput = cx.opset >= 18 || fn === 'sum';
  if (axes.length === 0) cx.needs(18);
  const noop = axes.length === 0 ? { noop_with_empty_axes: { int: 1 } } : {};
  if (isInput) cx.result(node.results[0], operators[fn], [x, cx.ints('axes', axes)], { keepdims, ...noop });
  else cx.result(node.results[0], operators[fn], [x], { keepdims, axes: { ints: axes } });
}
