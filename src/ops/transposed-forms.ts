/**
 * Ops along axes on a transposed operand: the op on the operand itself, along other axes, transposed afterwards. Invariant:
 * elements meet in the same order, so floats keep their bits; where they would not, there is no such form.
 */
import { make } from '../ir/build.js';
import type { Value } from '../ir/graph.js';
import { type AnyRule, rule } from '../ir/rewrite.js';
import { type TensorType, withShape } from '../ir/type.js';
import { producer } from '../ir/walk.js';
import { transposedMoves } from './move-forms.js';
import { inversePermutation, permutedType } from './permute.js';

/** `build` on what the transpose reads, its result of type `y` permuted as the transpose did. */
function below(
  operand: Value,
  y: TensorType,
  build: (x: Value, perm: readonly number[], type: TensorType) => Value | undefined,
): Value | undefined {
  const transpose = producer(operand, 'transpose');
  if (transpose === undefined) return undefined;
  const { perm } = transpose.attrs;
  const inner = build(transpose.operands[0], perm, permutedType(y, inversePermutation(perm)));
  return inner === undefined ? undefined : make('transpose', { perm }, [inner], y, transpose.origin);
}

/** Swaps the last two dimensions and nothing else. */
function swapsMatrix(perm: readonly number[]): boolean {
  const last = perm.length - 1;
  return perm.every((p, i) => p === (i === last ? last - 1 : i === last - 1 ? last : i));
}

export const transposedForms: readonly AnyRule[] = [
  ...transposedMoves,
  rule('transpose below reduce', 'reduce', (node) =>
    below(node.operands[0], node.results[0].type, (x, perm, type) => {
      const axes = node.attrs.axes.map((a) => perm[a]);
      if (axes.some((a, i) => i > 0 && a < axes[i - 1])) return undefined;
      return make('reduce', { ...node.attrs, axes }, [x], type, node.origin);
    }),
  ),
  rule('transpose below normalize', 'normalize', (node) =>
    below(node.operands[0], node.results[0].type, (x, perm, type) => {
      const axes = node.attrs.axes.map((a) => perm[a]);
      if (axes.some((a, i) => i > 0 && a < axes[i - 1])) return undefined;
      const undo = inversePermutation(perm);
      const parameters = node.operands.slice(1).map((v) => {
        const shape = [...new Array<number>(perm.length - v.type.shape.length).fill(1), ...v.type.shape];
        const full = make('reshape', { shape }, [v], withShape(v.type, shape), node.origin);
        return make('transpose', { perm: undo }, [full], permutedType(full.type, undo), node.origin);
      });
      return make('normalize', { ...node.attrs, axes }, [x, ...parameters], type, node.origin);
    }),
  ),
  rule('transpose below softmax', 'softmax', (node) =>
    below(node.operands[0], node.results[0].type, (x, perm, type) =>
      make('softmax', { ...node.attrs, axis: perm[node.attrs.axis] }, [x], type, node.origin),
    ),
  ),
  rule('transpose below arg-extremum', 'arg-extremum', (node) =>
    below(node.operands[0], node.results[0].type, (x, perm, type) =>
      make('arg-extremum', { ...node.attrs, axis: perm[node.attrs.axis] }, [x], type, node.origin),
    ),
  ),
  rule('transpose into matmul', 'matmul', (node) => {
    const found = node.operands.map((v) => {
      const transpose = producer(v, 'transpose');
      return transpose !== undefined && swapsMatrix(transpose.attrs.perm) ? transpose.operands[0] : undefined;
    });
    if (found.every((v) => v === undefined)) return undefined;
    const [a, b] = node.operands;
    const attrs = {
      transpose_a: node.attrs.transpose_a !== (found[0] !== undefined),
      transpose_b: node.attrs.transpose_b !== (found[1] !== undefined),
    };
    return make('matmul', attrs, [found[0] ?? a, found[1] ?? b], node.results[0].type, node.origin);
  }),
];
