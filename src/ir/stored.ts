/**
 * Tensors as a program and its caller exchange them: in files and in the caller's memory. Invariant: half floats are bits of
 * 16 there, as NumPy has them, and floats between the steps of a program; everything else is the same on both sides.
 */
import { floatsToHalves, halvesToFloats } from '../quant/float16.js';
import { allocate, type Element, elementBytes, elements, type Tensor, type TensorType } from './type.js';

/** Bytes of one element. */
export function storedBytes(element: Element): number {
  return element === 'f16' ? 2 : elementBytes[element];
}

export function storedSize(type: TensorType): number {
  return elements(type.shape) * storedBytes(type.element);
}

/** A view of the tensor's data, but a copy of half floats. */
export function bytesOf({
  type,
  data,
}: Pick<Tensor, 'data'> & { readonly type: Pick<TensorType, 'element'> }): Uint8Array {
  return computedBytes({ data: type.element === 'f16' ? floatsToHalves(data) : data });
}

/** The tensor of `storedSize(type)` bytes. */
export function tensorOf(type: TensorType, bytes: Uint8Array): Tensor {
  if (type.element !== 'f16') return computedTensor(type, bytes);
  const halves = new Uint16Array(elements(type.shape));
  new Uint8Array(halves.buffer).set(bytes);
  return { type, data: halvesToFloats(halves) };
}

/** A view of the data as steps leave it to each other. */
export function computedBytes({ data }: Pick<Tensor, 'data'>): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** The tensor of `byteSize(type)` bytes that a step has left. */
export function computedTensor(type: TensorType, bytes: Uint8Array): Tensor {
  const data = allocate(type);
  computedBytes({ data }).set(bytes);
  return { type, data };
}
