import { defineOp, ShapeError } from '../../ir/op.js';
import { elements, gatherData, type Shape, stridesOf } from '../../ir/type.js';

/** Permutes dimensions: y dimension i is x dimension perm[i]. */
export const transpose = defineOp({
  kind: 'transpose',
  doc: 'Permutes dimensions: dimension i of y is dimension perm[i] of x.',
  attrs: { perm: 'ints' },
  operands: ['x'],
  inferShape(a, [x]) {
    const sorted = [...a.perm].sort((p, q) => p - q);
    if (sorted.length !== x.shape.length || sorted.some((p, i) => p !== i))
      throw new ShapeError(`[${a.perm}] does not permute ${x.shape.length} dimensions`);
    return [a.perm.map((p) => x.shape[p])];
  },
  check: (_, [x], [y]) => (x.element === y.element && x.kind === y.kind ? [] : ['x and y have one element type']),
  bounds: (_, [x]) => x,
  evaluate(a, [x], [y]) {
    return [{ type: y, data: gatherData(x.data, transposedIndex(x.type.shape, a.perm)) }];
  },
});

/** For each element of the permuted tensor, the index of the element of the original it comes from. */
export function transposedIndex(shape: Shape, perm: readonly number[]): Int32Array {
  const to = perm.map((p) => shape[p]);
  const source = stridesOf(shape);
  const strides = perm.map((p) => source[p]);
  const out = new Int32Array(elements(shape));
  const index = new Array<number>(to.length).fill(0);
  let from = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = from;
    for (let d = to.length - 1; d >= 0; d--) {
      from += strides[d];
      if (++index[d] < to[d]) break;
      from -= strides[d] * to[d];
      index[d] = 0;
    }
  }
  return out;
}
