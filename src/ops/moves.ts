/** What ops that only move or repeat elements share: types, index arithmetic, copying between element kinds. */
import { elements, type Shape, sameAffine, stridesOf, type TensorData, type TensorType } from '../ir/type.js';

/** y holds elements of x: one element type, one quantization, per tensor (an axis of scales could be cut apart). */
export function moveProblems(x: TensorType, y: TensorType): string[] {
  if (x.kind !== y.kind || x.element !== y.element) return [`x is ${x.element}, y is ${y.element}`];
  if (x.kind !== 'quant' || y.kind !== 'quant') return [];
  if (x.affine.per !== 'tensor') return ['x is quantized per tensor'];
  return sameAffine(x.affine, y.affine) ? [] : ['x and y have one scale and zero point'];
}

/** For each index below `sizes` in row-major order: first + sum of index times stride. */
export function stridedIndex(sizes: Shape, strides: readonly number[], first = 0): Int32Array {
  const out = new Int32Array(elements(sizes));
  const index = new Array<number>(sizes.length).fill(0);
  let at = first;
  for (let i = 0; i < out.length; i++) {
    out[i] = at;
    for (let d = sizes.length - 1; d >= 0; d--) {
      at += strides[d];
      if (++index[d] < sizes[d]) break;
      at -= strides[d] * sizes[d];
      index[d] = 0;
    }
  }
  return out;
}

/** Writes element i of `data` to to[index[i]]. */
export function scatterData(to: TensorData, index: Int32Array, data: TensorData): void {
  if (to instanceof BigInt64Array || to instanceof BigUint64Array)
    for (let i = 0; i < index.length; i++) to[index[i]] = BigInt(data[i]);
  else for (let i = 0; i < index.length; i++) to[index[i]] = Number(data[i]);
}

export function fillData(data: TensorData, value: number): void {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) data.fill(BigInt(value));
  else data.fill(value);
}

/** Strides in elements with which a tensor of this shape is read to fill `full`; 0 where it repeats. */
export function broadcastStrides(shape: Shape, full: Shape): number[] {
  const own = stridesOf(shape);
  const missing = full.length - shape.length;
  return full.map((_, i) => (i < missing || shape[i - missing] === 1 ? 0 : own[i - missing]));
}
