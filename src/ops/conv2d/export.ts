import { constant } from '../../ir/build.js';
import type { Const, Node } from '../../ir/graph.js';
import { f32Data, floatType, indexType, quantType, unitAffine } from '../../ir/type.js';
import { producer } from '../../ir/walk.js';
import { codeOfElement } from '../../onnx/element-types.js';
import type { ExportContext } from '../../onnx/exporter.js';
import { rowsShape } from '../../onnx/exporter.js';
import { channelScales, storedWeights } from '../../quant/weight-scales.js';
import { weightSums } from '../dynamic-conv/op.js';
import { quantizedByRow, quantizedByRun } from '../dynamic-quantize/export.js';

/**
 * A product whose activations are quantized at run time, by their own range: DynamicQuantizeLinear, MatMulInteger, then
 * f32(acc) * (x_scale * w_scale) + bias, as onnxruntime's quantize_dynamic writes it; or by the range of each row.
 */
function exportDynamic(node: Node<'conv2d'>, w: Const, cx: ExportContext): void {
  const [x, , bias] = node.operands;
  const [y] = node.results;
  const [n, , , k] = w.type.shape;
  const data = f32Data(w.tensor);
  const scales = channelScales(data, w.type.shape, () => 0);
  const stored = constant(w.name, {
    type: quantType('s8', w.type.shape, unitAffine),
    data: storedWeights(data, scales),
  });
  const matrix = cx.weights(stored, [3, 0, 1, 2], () => [k, n]);
  const acc =
    cx.rangesOf === 'run'
      ? sumsByRun(cx.name(x, 'rows'), matrix, cx)
      : sumsByRow(cx.name(x, 'rows'), stored, matrix, cx);
  const wScale = cx.initializer(`${w.name}_scale`, { type: floatType([n]), data: scales });
  const scale = cx.inner('Mul', [acc.scale, wScale]);
  const real = cx.inner('Cast', [acc.sums], { to: { int: codeOfElement('f32') } });
  if (bias === undefined) {
    cx.result(y, 'Mul', [real, scale], {}, 'rows');
    return;
  }
  cx.result(y, 'Add', [cx.inner('Mul', [real, scale]), cx.name(bias)], {}, 'rows');
}

interface Sums {
  /** s32 [n, k] */
  readonly sums: string;
  readonly scale: string;
}

function sumsByRun(x: string, matrix: string, cx: ExportContext): Sums {
  const [q, scale, zero] = quantizedByRun(x, cx);
  return { sums: cx.inner('MatMulInteger', [q, matrix, zero]), scale };
}

/** ONNX Runtime's MatMulInteger takes one zero point: what those of the rows take off is taken off behind it. */
function sumsByRow(x: string, w: Const, matrix: string, cx: ExportContext): Sums {
  const [q, scale, zero] = quantizedByRow(x, cx);
  const sums = weightSums(w.tensor);
  const ofWeights = cx.initializer(`${w.name}_sums`, { type: indexType('s32', [sums.length]), data: sums });
  const taken = cx.inner('Mul', [zero, ofWeights]);
  return { sums: cx.inner('Sub', [cx.inner('MatMulInteger', [q, matrix]), taken]), scale };
}

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
  if (cx.isDynamic(node) && w.kind === 'const') {
    exportDynamic(node, w, cx);
    return;
  }
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
