import type { Node } from '../../ir/graph.js';
import { producer } from '../../ir/walk.js';
import type { ExportContext } from '../../onnx/exporter.js';
import { rowsShape } from '../../onnx/exporter.js';

/** A convolution of one row of 1x1 windows over an image that is a matrix: a product of matrices. */
function isProduct(node: Node<'conv2d'>, cx: ExportContext): boolean {
  const [x, w] = node.operands;
  const { strides, pads, groups } = node.attrs;
  const isPoint = w.type.shape[1] === 1 && w.type.shape[2] === 1 && groups === 1;
  if (!isPoint || rowsShape(x) === undefined || [...strides].some((s) => s !== 1) || pads.some((p) => p !== 0))
    return false;
  return cx.formOf(x) !== 'nchw' && producer(x, 'transpose') === undefined;
}

export function exportNode(node: Node<'conv2d'>, cx: ExportContext): void {
  const [x, w, bias] = node.operands;
  if (x.type.kind !== 'float') cx.refuse('a convolution of stored integers');
  const [y] = node.results;
  const biases = bias === undefined ? [] : [bias.kind === 'const' ? cx.weights(bias, [0]) : cx.name(bias)];
  if (isProduct(node, cx)) {
    const matrix = cx.weights(w, [0, 1, 2, 3], ([n, , , k]) => [n, k]);
    cx.result(y, 'Gemm', [cx.name(x, 'rows'), matrix, ...biases], { transB: { int: 1 } }, 'rows');
    return;
  }
  const { strides, dilations, pads, groups } = node.attrs;
  const attributes = {
    kernel_shape: { ints: w.type.shape.slice(1, 3) },
    strides: { ints: strides },
    dilations: { ints: dilations },
    pads: { ints: pads },
    group: { int: groups },
  };
  const weights = cx.permuted(w, [0, 3, 1, 2]);
  cx.result(y, 'Conv', [cx.name(x, 'nchw'), weights, ...biases], attributes, 'nchw');
}
