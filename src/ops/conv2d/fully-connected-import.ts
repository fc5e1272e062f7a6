/** Products with a constant matrix are 1x1 convolutions: one family of kernels serves both. */
import type { Value } from '../../ir/graph.js';
import { elements, type Shape, type TensorType } from '../../ir/type.js';
import type { ImportContext } from '../../onnx/importer.js';
import type { Rounding } from '../../quant/rounding.js';
import { reshaped, transposed } from '../layout.js';

/** True for a constant, or a dequantized one: what a convolution takes as weights. */
export function isWeight(value: Value): boolean {
  return (
    value.kind === 'const' ||
    (value.kind === 'result' && value.node.kind === 'dequantize' && value.node.operands[0].kind === 'const')
  );
}

/**
 * x [..., K] times w [N, K] (already output-major) plus bias [N]: reshape -> conv2d -> reshape.
 * @param result gives the type of y from its shape.
 */
export function fullyConnected(
  cx: ImportContext,
  x: Value,
  w: Value,
  bias: Value | undefined,
  result: (shape: Shape) => TensorType,
): Value {
  const k = x.type.shape[x.type.shape.length - 1];
  const rows = elements(x.type.shape.slice(0, -1));
  const n = w.type.shape[0];
  if (w.type.shape[1] !== k)
    cx.fail(
      'Q0210',
      `x has ${k} columns, w has ${w.type.shape[1]} rows`,
      undefined,
      'the shapes of the inputs contradict each other',
    );
  const rounding: Rounding = cx.rounding === 'tflite' ? 'tflite-single' : 'onnx';
  const attrs = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], groups: 1, rounding };
  const image = reshaped(cx, x, [1, 1, rows, k]);
  const weights = reshaped(cx, w, [n, 1, 1, k], 0);
  const operands = bias === undefined ? [image, weights] : [image, weights, bias];
  const y = cx.make('conv2d', attrs, operands, result([]));
  return reshaped(cx, y, [...x.type.shape.slice(0, -1), n]);
}

/** A constant [K, N] matrix as the [N, K] weights `fullyConnected` takes. */
export function outputMajor(cx: ImportContext, matrix: Value): Value {
  return transposed(cx, matrix, [1, 0]);
}
