import type { Value } from '../../ir/graph.js';
import { elements, floatType } from '../../ir/type.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';
import { fullyConnected, isWeight, outputMajor } from '../conv2d/fully-connected-import.js';
import { reshaped, transposed } from '../layout.js';
import { einsum } from './einsum-import.js';
import { product } from './product-import.js';
import { quantizedImporters } from './quantized-import.js';

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
  ...quantizedImporters,
  Einsum: einsum,
  Gemm: gemm,
  MatMul: (cx) => product(cx, cx.input(0), cx.input(1), floatType),
};
