/** Permutations that the layout members of the quantize and dequantize kernels can say: pixels to planes and back. */
import { elements, type Shape } from '../ir/type.js';

/** `outer` blocks, in each of which the operand's [columns, rows] become the result's [rows, columns]. */
export interface Planes {
  readonly outer: number;
  readonly rows: number;
  readonly columns: number;
}

/** The planes of a permutation of `shape`; undefined if it is no exchange of two runs of dimensions behind equal ones. */
export function planesOf(shape: Shape, perm: readonly number[]): Planes | undefined {
  const moved = perm.filter((p) => shape[p] !== 1);
  const kept = moved.findIndex((p, i) => p !== [...moved].sort((a, b) => a - b)[i]);
  if (kept < 0) return undefined;
  const sorted = [...moved].sort((a, b) => a - b);
  const rest = moved.slice(kept);
  const turn = rest.indexOf(sorted[kept]);
  const turned = [...rest.slice(turn), ...rest.slice(0, turn)];
  if (turned.some((p, i) => p !== sorted[kept + i])) return undefined;
  const size = (dims: readonly number[]) => elements(dims.map((p) => shape[p]));
  return { outer: size(moved.slice(0, kept)), rows: size(rest.slice(0, turn)), columns: size(rest.slice(turn)) };
}
