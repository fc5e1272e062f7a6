/** Requests for families whose one kernel asks for nothing. */
import { elements, type Shape } from '../ir/type.js';
import type { View } from '../program/program.js';
import type { Request } from '../target/choose.js';

export function plainRequest(family: string, work: number, reads: readonly View[]): Request {
  return { family, prove: () => undefined, work: () => work, reads };
}

/** A tensor as slices along one axis, as the contracts of such families name the sizes. */
export function alongAxis(
  shape: Shape,
  axis: number,
): { readonly outer: number; readonly dim: number; readonly inner: number } {
  return { outer: elements(shape.slice(0, axis)), dim: shape[axis], inner: elements(shape.slice(axis + 1)) };
}

/** `dims` padded in front with `fill` to six entries, named `<prefix>0` .. `<prefix>5`. */
export function six(prefix: string, dims: readonly number[], fill: number): Record<string, number> {
  const all = [...new Array<number>(6 - dims.length).fill(fill), ...dims];
  return Object.fromEntries(all.map((d, i) => [`${prefix}${i}`, d]));
}
