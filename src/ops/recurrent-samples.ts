/** Weights for the samples of recurrent ops: spread over their range, the same in every run. */
import { elements, floatType, type QuantType, type Shape, type Tensor } from '../ir/type.js';

export function spreadFloats(shape: Shape): Tensor {
  const data = Float32Array.from({ length: elements(shape) }, (_, i) => Math.fround(Math.sin(i * 1.3) * 0.7));
  return { type: floatType(shape), data };
}

/** s8 values with both ends of the range among them. */
export function spreadIntegers(type: QuantType): Tensor {
  return { type, data: Int8Array.from({ length: elements(type.shape) }, (_, i) => ((i * 89) % 256) - 128) };
}
