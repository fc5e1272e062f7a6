/** Weights of a quantized convolution as its kernels multiply them. */
import { elements, numberData, type QuantType, quantType, type Tensor, unitAffine } from '../../ir/type.js';
import { zeroPointAt } from '../../quant/affine.js';

/** w - zw in the smallest element that holds it. w is [oc, ...], quantized per tensor or along axis 0. */
export function centredWeights(w: Tensor, type: QuantType): Tensor {
  const stored = numberData(w);
  const cells = elements(type.shape) / type.shape[0];
  const values = Int32Array.from(stored, (v, i) => v - zeroPointAt(type.affine, Math.floor(i / cells)));
  let low = 0;
  let high = 0;
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  const element = low >= -128 && high <= 127 ? 's8' : 's16';
  const data = element === 's8' ? Int8Array.from(values) : Int16Array.from(values);
  return { type: quantType(element, type.shape, unitAffine, [low, high]), data };
}
