import type { Value } from '../../ir/graph.js';
import { elements, floatType, type Shape, type TensorType } from '../../ir/type.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';
import { fullyConnected, isWeight, outputMajor } from '../conv2d/fully-connected-import.js';
import { reshaped, transposed } from '../layout.js';

/**
 * NumPy's matmul of two tensors of any rank. Constant matrices become the weights of a 1x1 convolution.
 * @param result gives the type of y from its shape.
 */
export function product(cx: ImportContext, a: Value, b: Value, result: (shape: Shape) => TensorType): Value {
  const [aShape, bShape] = [a.type.shape, b.type.shape];
  if (aShape.length === 0 || bShape.length === 0) cx.fail('Q0210', 'a scalar cannot be an operand of a matrix product');
  if (bShape.length === 1) {
    const y = product(cx, a, reshaped(cx, b, [...bShape, 1], 0), result);
    return reshaped(cx, y, y.type.shape.slice(0, -1));
  }
  if (isWeight(b) && !isWeight(a) && bShape.length === 2)
    return fullyConnected(cx, a, outputMajor(cx, b), undefined, result);
  if (aShape.length === 1) {
    const y = product(cx, reshaped(cx, a, [1, ...aShape]), b, result);
    return reshaped(cx, y, [...y.type.shape.slice(0, -2), ...y.type.shape.slice(-1)]);
  }
  return cx.make('matmul', { transpose_a: false, transpose_b: false }, [a, b], result([]));
}

/** Y = alpha * A' * B' + beta * C. */
function gemm(cx: ImportContext): Value {
  const [alpha, beta] = [cx.attrs.float('alpha', 1), cx.attrs.float('beta', 1)];
  const transA = cx.attrs.int('transA', 0) !== 0;
  const transB = cx.attrs.int('transB', 0) !== 0;
  const [a, b, c] = [cx.input(0), cx.input(1), cx.optional(2)];
  if (a.type.shape.length !== 2 || b.type.shape.length !== 2) cx.fail('Q0210', 'A and B are matrices');
  const n = b.type.shape[transB ? 0 : 1];
  const isBias = c !== undefined && elements(c.type.shape) === n && isWeight(b) && beta === 1 && alpha === 1;
  let y: Value;
  if (isWeight(b)) {
    const bias = isBias ? reshaped(cx, c, [n], 0) : undefined;
    const rows = transA ? transposed(cx, a, [1, 0]) : a;
    y = fullyConnected(cx, rows, transB ? b : outputMajor(cx, b), bias, floatType);
  } else y = cx.make('matmul', { transpose_a: transA, transpose_b: transB }, [a, b], floatType([]));
  if (alpha !== 1) y = cx.make('binary', { fn: 'mul' }, [y, cx.scalar(y.type, alpha)], y.type);
  if (c === undefined || isBias || beta === 0) return y;
  const scaled = beta === 1 ? c : cx.make('binary', { fn: 'mul' }, [c, cx.scalar(y.type, beta)], c.type);
  const sum = cx.make('binary', { fn: 'add' }, [y, scaled], y.type);
  if (sum.type.shape.some((d, i) => d !== y.type.shape[i]))
    cx.fail('Q0210', `C is [${c.type.shape}], which does not broadcast to [${y.type.shape}]`);
  return sum;
}

export const importers: Importers = {
  Gemm: gemm,
  MatMul: (cx) => product(cx, cx.input(0), cx.input(1), floatType),
};
