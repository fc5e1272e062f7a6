import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';

export function exportNode(node: Node<'average-pool'>, cx: ExportContext): void {
  if (node.operands[0].type.kind === 'quant') cx.refuse('a mean of stored integers');
  const [x] = node.operands;
  const { kernel, strides, dilations, pads, count_include_pad } = node.attrs;
  const [, h, w] = x.type.shape;
  const isGlobal = kernel[0] === h && kernel[1] === w && pads.every((p) => p === 0);
  if (isGlobal) {
    cx.result(node.results[0], 'GlobalAveragePool', [cx.name(x, 'nchw')], {}, 'nchw');
    return;
  }
  const isDilated = dilations.some((d) => d !== 1);
  if (isDilated) cx.needs(19);
  const attributes = {
    kernel_shape: { ints: kernel },
    strides: { ints: strides },
    pads: { ints: pads },
    count_include_pad: { int: count_include_pad ? 1 : 0 },
    ...(isDilated ? { dilations: { ints: dilations } } : {}),
  };
  cx.result(node.results[0], 'AveragePool', [cx.name(x, 'nchw')], attributes, 'nchw');
}
