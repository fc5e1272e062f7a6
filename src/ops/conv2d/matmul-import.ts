/** Products with a constant matrix are 1x1 convolutions: one family of kernels serves both. */
import type { Value } from '../../ir/graph.js';
import { elements, floatType, type Shape, type TensorType } from '../../ir/type.js';
import type { ImportContext } from '../../onnx/importer.js';
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
  const attrs = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], groups: 1, rounding: cx.rounding };
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

/** Y = alpha * A' * B' + beta * C with constant B. */
export function gemm(cx: ImportContext): Value {
  const [alpha, beta] = [cx.attrs.float('alpha', 1), cx.attrs.float('beta', 1)];
  const transA = cx.attrs.int('transA', 0) !== 0;
  const transB = cx.attrs.int('transB', 0) !== 0;
  const a = transA ? transposed(cx, cx.input(0), [1, 0]) : cx.input(0);
  const b = cx.input(1);
  const c = cx.optional(2);
  if (a.type.shape.length !== 2 || b.type.shape.length !== 2) cx.fail('Q0210', 'A and B are matrices');
  if (!isWeight(b))
    cx.fail('Q0206', 'must be a constant', 'input 1', 'products of two activations are not supported yet');
  const weights = transB ? b : outputMajor(cx, b);
  const n = weights.type.shape[0];
  const isBias = c !== undefined && elements(c.type.shape) === n && beta === 1 && alpha === 1;
  const bias = isBias ? reshaped(cx, c, [n], 0) : undefined;
  let y = fullyConnected(cx, a, weights, bias, floatType);
  if (alpha !== 1) y = cx.make('binary', { fn: 'mul' }, [y, cx.scalar(y.type, alpha)], y.type);
  if (c === undefined || isBias) return y;
  const scaled = beta === 1 ? c : cx.make('binary', { fn: 'mul' }, [c, cx.scalar(y.type, beta)], c.type);
  return cx.make('binary', { fn: 'add' }, [y, scaled], y.type);
}

/** x [..., K] times a constant [K, N] matrix. */
export function matmul(cx: ImportContext): Value {
  const [a, b] = [cx.input(0), cx.input(1)];
  if (!isWeight(b) || b.type.shape.length !== 2)
    cx.fail('Q0206', 'must be a constant matrix', 'input 1', 'products of two activations are not supported yet');
  return fullyConnected(cx, a, outputMajor(cx, b), undefined, floatType);
}
