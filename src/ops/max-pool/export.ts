import type { Node } from '../../ir/graph.js';
import type { ExportContext } from '../../onnx/exporter.js';

export function exportNode(node: Node<'max-pool'>, cx: ExportContext): void {
  const { kernel, strides, dilations, pads } = node.attrs;
  const attributes = {
    kernel_shape: { ints: kernel },
    strides: { ints: strides },
    dilations: { ints: dilations },
    pads: { ints: pads },
  };
  cx.result(node.results[0], 'MaxPool', [cx.name(node.operands[0], 'nchw')], attributes, 'nchw');
}
