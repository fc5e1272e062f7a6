/**
 * fuse-sums: TFLite's addition moves into the epilogue of the convolution that feeds it, where that has one reader and
 * integers make the same sum of every pair of bytes (decision 0054). All roundings are kept.
 *
 * BEFORE  %1 = conv2d-requant(%0, ...)  %2 = add-fixed(%1, %r)
 * AFTER   %2 = conv2d-requant(%0, ..., %r) {add fixed}
 *
 * It pays where kernels add one value at a time: what is summed is in a register anyhow. Vector kernels add whole rows of bytes
 * faster than their epilogues do, four values each in 32 bits (ic: AVX-512 5 % slower, AVX2 1 %, Helium 3 % more instructions).
 */
import { make } from '../src/ir/build.js';
import { openConvolution } from '../src/ir/epilogue.js';
import { mergeOrigins, type Value } from '../src/ir/graph.js';
import type { Pass } from '../src/ir/pass.js';
import { type AnyRule, rewriteGraph, rule } from '../src/ir/rewrite.js';
import { isByte, sameShape } from '../src/ir/type.js';
import { topologicalOrder } from '../src/ir/walk.js';
import { linearForm } from '../src/ops/add-fixed/linear.js';
import type { Kernel } from '../src/program/program.js';

/** Tenths of an element a cycle. */
const ONE_BY_ONE = 10;

function rules(position: (value: Value) => number): AnyRule[] {
  return [
    rule('add-fixed after conv2d-requant', 'add-fixed', (node, rw) => {
      const [a, b] = node.operands;
      const y = node.results[0].type;
      if (a === b || node.attrs.subtract || node.attrs.powers || y.kind !== 'quant') return undefined;
      if (!sameShape(a.type.shape, b.type.shape) || ![a.type, b.type, y].every(isByte)) return undefined;
      if (y.element !== 's8' && y.element !== 'u8') return undefined;
      const [first, second] = [openConvolution(a, rw), openConvolution(b, rw)];
      // Of two candidates the later one takes the sum: its other operand is then ready first.
      const useFirst = first !== undefined && (second === undefined || position(a) >= position(b));
      const [conv, r] = useFirst ? [first, b] : [second, a];
      const v = conv?.results[0].type;
      if (conv === undefined || v?.kind !== 'quant' || v.affine.per !== 'tensor') return undefined;
      if (linearForm(false, v, r.type, y) === undefined) return undefined;
      return make(
        'conv2d-requant',
        {
          ...conv.attrs,
          add: 'fixed',
          add_a: v.affine.scale,
          sum_element: y.element,
          sum_min: y.range[0],
          sum_max: y.range[1],
        },
        [...conv.operands, r],
        y,
        mergeOrigins(conv.origin, node.origin),
      );
    }),
  ];
}

/** All of the pass but what it is given. */
export const description = {
  name: 'fuse-sums',
  doc: "Moves TFLite's additions into the epilogues of convolutions, on targets that add one value at a time.",
  requires: [],
  establishes: [],
  drops: [],
  numerics: 'exact',
} as const;

/** @param kernels of the target. */
export function fuseSums(kernels: readonly Kernel[]): Pass {
  const rates = kernels.filter(({ family }) => family === 'add_fixed_q8').map(({ rate }) => rate);
  return {
    ...description,
    run(graph, cx) {
      if (!rates.every((rate) => rate < ONE_BY_ONE)) return graph;
      const order = new Map(topologicalOrder(graph).map((n, i) => [n, i]));
      const position = (value: Value) => (value.kind === 'result' ? (order.get(value.node) ?? order.size) : -1);
      return rewriteGraph(graph, rules(position), cx.hit);
    },
  };
}
