/** What a permutation of dimensions does to a type. */
import { type Affine, type TensorType, withShape } from '../ir/type.js';

/** The affine after dimension i of the result is dimension perm[i] of the operand. */
export function permutedAffine(affine: Affine, perm: readonly number[]): Affine {
  return affine.per === 'tensor' ? affine : { ...affine, axis: perm.indexOf(affine.axis) };
}

export function permutedType<T extends TensorType>(type: T, perm: readonly number[]): T {
  const shape = perm.map((p) => type.shape[p]);
  return type.kind === 'quant' ? { ...type, shape, affine: permutedAffine(type.affine, perm) } : withShape(type, shape);
}

/** The permutation that undoes `perm`. */
export function inversePermutation(perm: readonly number[]): number[] {
  const out = new Array<number>(perm.length).fill(0);
  for (const [i, p] of perm.entries()) out[p] = i;
  return out;
}
