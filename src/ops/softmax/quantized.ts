/** Softmax of stored integers: ONNX Runtime's x86 formula, stated in `op.ts`. */
import { allocateNumbers, numberData, type QuantType, type Tensor } from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { exp64, log32 } from '../../quant/math.js';
import { roundToStored } from '../../quant/requantize.js';

const FLOAT_MAX = 3.4028234663852886e38;

/** Entry 255 - d: f32(exp(-d * scale + top)), `top` so that `dim` of them cannot overflow: max(0, logf(FLT_MAX / dim) - 5). */
export function exponentialTable(scale: number, dim: number): Float32Array {
  const shift = Math.max(0, log32(Math.fround(FLOAT_MAX / dim)) - 5) / scale;
  return Float32Array.from({ length: 256 }, (_, i) => exp64((i - 255 + shift) * scale));
}

/** Whole steps of y in 1: floor(f32(1 / sy)). */
export function stepsInOne(y: QuantType): number {
  return Math.floor(Math.fround(1 / scaleAt(y.affine, 0)));
}

export function softmaxOfStored(axis: number, x: Tensor, xType: QuantType, y: QuantType): Tensor {
  const xs = numberData(x);
  const out = allocateNumbers(y);
  const dim = y.shape[axis];
  const inner = y.shape.slice(axis + 1).reduce((p, d) => p * d, 1);
  const table = exponentialTable(scaleAt(xType.affine, 0), dim);
  const steps = stepsInOne(y);
  const zero = zeroPointAt(y.affine, 0);
  for (let base = 0; base < xs.length; base++) {
    if (Math.floor(base / inner) % dim !== 0) continue;
    const at = (i: number) => base + i * inner;
    let max = xs[base];
    for (let i = 1; i < dim; i++) max = Math.max(max, xs[at(i)]);
    const e = (i: number) => table[255 - (max - xs[at(i)])];
    let sum = 0;
    for (let i = 0; i < dim; i++) sum = Math.fround(sum + e(i));
    for (let i = 0; i < dim; i++) {
      out[at(i)] = roundToStored((e(i) * steps) / sum, zero, y.range[0], y.range[1]);
    }
  }
  return { type: y, data: out };
}
