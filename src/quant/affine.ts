/**
 * Reading an `Affine` and applying it to whole tensors. Invariant: which scale belongs to which element is decided in
 * `forEachElement` alone. Scales of a blocked affine lie in the row-major order of the tensor's own shape with `axis`
 * divided by `block` (rounded up), as in ONNX's blocked QuantizeLinear.
 */
import {
  type Affine,
  allocateNumbers,
  elements,
  type NumberData,
  numberData,
  type QuantType,
  type Shape,
  stridesOf,
  type Tensor,
} from '../ir/type.js';
import { dequantizeValue, quantizeValue } from './requantize.js';

/** Number of scales: 1 per tensor, one per slice, or one per block. */
export function scaleCount(affine: Affine): number {
  return affine.per === 'tensor' ? 1 : affine.scales.length;
}

/** The `index`-th scale; a per-tensor affine answers its only one to any index. */
export function scaleAt(affine: Affine, index: number): number {
  return affine.per === 'tensor' ? affine.scale : affine.scales[index];
}

/** The `index`-th zero point; a per-tensor affine answers its only one to any index. */
export function zeroPointAt(affine: Affine, index: number): number {
  return affine.per === 'tensor' ? affine.zeroPoint : affine.zeroPoints[index];
}

/** One scale and zero point per slice of `axis`. Stays per axis where all are equal: that is the producer's choice. */
export function perAxis(axis: number, scales: ArrayLike<number>, zeroPoints: ArrayLike<number>): Affine {
  if (scales.length !== zeroPoints.length)
    throw new RangeError(`${scales.length} scales, ${zeroPoints.length} zero points`);
  return { per: 'axis', axis, scales: Float32Array.from(scales), zeroPoints: Int32Array.from(zeroPoints) };
}

/** Calls `visit(i, s)` for every row-major element i with the index s of its scale, in order. */
export function forEachElement(affine: Affine, shape: Shape, visit: (element: number, scale: number) => void): void {
  const count = elements(shape);
  if (affine.per === 'tensor') {
    for (let i = 0; i < count; i++) visit(i, 0);
    return;
  }
  const dim = shape[affine.axis];
  const inner = stridesOf(shape)[affine.axis];
  const outer = count === 0 ? 0 : count / (dim * inner);
  const block = affine.per === 'block' ? affine.block : 1;
  const blocks = Math.ceil(dim / block);
  let i = 0;
  for (let o = 0; o < outer; o++)
    for (let a = 0; a < dim; a++) {
      const slice = Math.floor(a / block);
      const base = affine.per === 'block' ? (o * blocks + slice) * inner : slice;
      for (let n = 0; n < inner; n++) visit(i++, affine.per === 'block' ? base + n : base);
    }
}

/** Reals a stored tensor means, by the affine of `type`: y = f32(f32(q - zero) * scale). */
export function dequantizeData(x: Tensor, type: QuantType): Float32Array {
  const { affine } = type;
  const stored = numberData(x);
  const out = new Float32Array(elements(type.shape));
  forEachElement(affine, type.shape, (i, s) => {
    out[i] = dequantizeValue(stored[i], scaleAt(affine, s), zeroPointAt(affine, s));
  });
  return out;
}

/** Stored values of reals, by the affine and the range of `type`: q = clamp(rne(f32(x / scale)) + zero, range). */
export function quantizeData(x: Tensor, type: QuantType): NumberData {
  const { affine } = type;
  const [lo, hi] = type.range;
  const reals = numberData(x);
  const out = allocateNumbers(type);
  forEachElement(affine, type.shape, (i, s) => {
    out[i] = quantizeValue(reals[i], scaleAt(affine, s), zeroPointAt(affine, s), lo, hi);
  });
  return out;
}
