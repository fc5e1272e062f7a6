import type { Value } from '../../ir/graph.js';
import type { Shape, TensorType } from '../../ir/type.js';
import type { ImportContext } from '../../onnx/importer.js';
import { fullyConnected, isWeight, outputMajor } from '../conv2d/fully-connected-import.js';
import { reshaped } from '../layout.js';

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
