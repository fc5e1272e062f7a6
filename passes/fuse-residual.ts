/**
 * fuse-residual: an addition, then a table, moves into the epilogue of the convolution that feeds it, where that has
 * one reader. Both roundings are kept.
 *
 * BEFORE  %1 = conv2d-requant(%0, ...)  %2 = add(%1, %r)
 * AFTER   %2 = conv2d-requant(%0, ..., %r) {add first}
 */
import { make } from '../src/ir/build.js';
import { openConvolution } from '../src/ir/epilogue.js';
import { mergeOrigins, type Value } from '../src/ir/graph.js';
import { definePass } from '../src/ir/pass.js';
import { type AnyRule, rewriteGraph, rule } from '../src/ir/rewrite.js';
import { isByte, sameShape } from '../src/ir/type.js';
import { producer, topologicalOrder } from '../src/ir/walk.js';
import { addConstants } from '../src/ops/add/op.js';

function rules(position: (value: Value) => number): AnyRule[] {
  return [
    rule('add after conv2d-requant', 'add', (node, rw) => {
      const [a, b] = node.operands;
      const y = node.results[0].type;
      if (a === b || y.kind !== 'quant' || a.type.kind !== 'quant' || b.type.kind !== 'quant') return undefined;
      if (!sameShape(a.type.shape, b.type.shape) || ![a.type, b.type].every(isByte)) return undefined;
      if (y.element !== 's8' && y.element !== 'u8') return undefined;
      const first = openConvolution(a, rw);
      const second = openConvolution(b, rw);
      // Of two candidates the later one takes the sum: its other operand is then ready first.
      const useFirst = first !== undefined && (second === undefined || position(a) >= position(b));
      const conv = useFirst ? first : second;
      if (conv === undefined) return undefined;
      const constants = addConstants(a.type, b.type, y);
      return make(
        'conv2d-requant',
        {
          ...conv.attrs,
          add: useFirst ? 'first' : 'second',
          add_a: constants.a,
          add_b: constants.b,
          add_fixed: constants.fixed,
          sum_element: y.element,
          sum_min: y.range[0],
          sum_max: y.range[1],
        },
        [...conv.operands, useFirst ? b : a],
        y,
        mergeOrigins(conv.origin, node.origin),
      );
    }),
    rule('lookup after conv2d-requant', 'lookup', (node, rw) => {
      const conv = producer(node.operands[0], 'conv2d-requant');
      const y = node.results[0].type;
      if (conv === undefined || conv.attrs.lookup || conv.attrs.add === 'fixed' || !rw.isOnlyUse(conv.results[0]))
        return undefined;
      if (y.kind !== 'quant' || (y.element !== 's8' && y.element !== 'u8')) return undefined;
      return make(
        'conv2d-requant',
        { ...conv.attrs, lookup: true },
        [...conv.operands, node.operands[1]],
        y,
        mergeOrigins(conv.origin, node.origin),
      );
    }),
  ];
}

export const fuseResidual = definePass({
  name: 'fuse-residual',
  doc: 'Moves a residual addition or a table into the epilogue of the convolution before it; both roundings are kept.',
  requires: ['explicit-requantize'],
  establishes: [],
  drops: [],
  numerics: 'exact',
  run(graph, cx) {
    const order = new Map(topologicalOrder(graph).map((n, i) => [n, i]));
    const position = (value: Value) => (value.kind === 'result' ? (order.get(value.node) ?? order.size) : -1);
    return rewriteGraph(graph, rules(position), cx.hit);
  },
});
