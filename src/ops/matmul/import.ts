import type { Value } from '../../ir/graph.js';
import { elements, floatType } from '../../ir/type.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';
import { fullyConnected, isWeight, outputMajor } from '../conv2d/fully-connected-import.js';
import { reshaped, transposed } from '../layout.js';
import { attention } from './attention-import.js';
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
  const isRow = c !== undefined && elements(c.type.shape) === n && (n === 1 || c.type.shape.at(-1) === n);
  const isBias = isRow && isWeight(b) && beta === 1 && alpha === 1;
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

/** alpha * A' * B' of stacks of matrices. */
function fusedProduct(cx: ImportContext): Value {
  for (const name of ['transBatchA', 'transBatchB'])
    if (cx.attrs.bool(name, false)) cx.fail('Q0218', `${name} is not supported`, `attribute "${name}"`);
  const side = (index: number, name: string) => {
    const x = cx.input(index);
    const rank = x.type.shape.length;
    const swap = x.type.shape.map((_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));
    return cx.attrs.bool(name, false) && rank > 1 ? transposed(cx, x, swap) : x;
  };
  const y = product(cx, side(0, 'transA'), side(1, 'transB'), floatType);
  const alpha = cx.attrs.float('alpha', 1);
  return alpha === 1 ? y : cx.make('binary', { fn: 'mul' }, [y, cx.scalar(y.type, alpha)], y.type);
}

export const importers: Importers = {
  ...quantizedImporters,
  Attention: attention,
  Einsum: einsum,
  Gemm: gemm,
  'com.microsoft.FusedMatMul': fusedProduct,
  MatMul: (cx) => product(cx, cx.input(0), cx.input(1), floatType),
};
