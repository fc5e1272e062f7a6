/** What a permutation of dimensions does to a type. */
import { type Affine, type Shape, stridesOf, type TensorType, withShape } from '../ir/type.js';

/** The affine of a tensor of this shape after dimension i of the result is dimension perm[i] of the operand. */
function permutedAffine(affine: Affine, shape: Shape, perm: readonly number[]): Affine {
  if (affine.per === 'tensor') return affine;
  const axis = perm.indexOf(affine.axis);
  if (affine.per === 'axis') return { ...affine, axis };
  // Scales lie in the order of the tensor's own dimensions, the blocked one shortened.
  const grid = shape.map((d, i) => (i === affine.axis ? Math.ceil(d / affine.block) : d));
  const from = stridesOf(grid);
  const to = stridesOf(perm.map((p) => grid[p]));
  const index = affine.scales.map((_, i) =>
    perm.reduce((at, p, d) => at + (Math.floor(i / to[d]) % grid[p]) * from[p], 0),
  );
  const scales = affine.scales.map((_, i) => affine.scales[index[i]]);
  const zeroPoints = affine.zeroPoints.map((_, i) => affine.zeroPoints[index[i]]);
  return { ...affine, axis, scales, zeroPoints };
}

export function permutedType<T extends TensorType>(type: T, perm: readonly number[]): T {
  const shape = perm.map((p) => type.shape[p]);
  return type.kind === 'quant'
    ? { ...type, shape, affine: permutedAffine(type.affine, type.shape, perm) }
    : withShape(type, shape);
}

/** The permutation that undoes `perm`. */
export function inversePermutation(perm: readonly number[]): number[] {
  const out = new Array<number>(perm.length).fill(0);
  for (const [i, p] of perm.entries()) out[p] = i;
  return out;
}
