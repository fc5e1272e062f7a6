/**
 * fuse-transpose: a transpose that is left behind a quantize or a dequantize, at the graph's input or output as a rule,
 * becomes the layout in which that stores its result.
 *
 * BEFORE  %1 = quantize(%0)  %2 = transpose(%1) {perm [0,2,3,1]}
 * AFTER   %2 = quantize-transposed(%0) {perm [0,2,3,1]}
 *
 * Exact: no element changes, only where it is stored.
 */
import { make } from '../src/ir/build.js';
import { mergeOrigins } from '../src/ir/graph.js';
import { definePass } from '../src/ir/pass.js';
import { type AnyRule, rewriteGraph, rule } from '../src/ir/rewrite.js';
import type { TensorType } from '../src/ir/type.js';
import { producer } from '../src/ir/walk.js';
import { planesOf } from '../src/ops/planes.js';

function isPerTensor(type: TensorType, elements: readonly string[]): boolean {
  return type.kind === 'quant' && type.affine.per === 'tensor' && elements.includes(type.element);
}

const rules: readonly AnyRule[] = [
  rule('transpose after quantize', 'transpose', (node, rw) => {
    const quantize = producer(node.operands[0], 'quantize');
    const { type } = node.results[0];
    if (quantize === undefined || !rw.isOnlyUse(node.operands[0]) || !isPerTensor(type, ['s8', 'u8'])) return undefined;
    const [x] = quantize.operands;
    if (planesOf(x.type.shape, node.attrs.perm) === undefined) return undefined;
    return make('quantize-transposed', node.attrs, [x], type, mergeOrigins(quantize.origin, node.origin));
  }),
  rule('transpose after dequantize', 'transpose', (node, rw) => {
    const dequantize = producer(node.operands[0], 'dequantize');
    if (dequantize === undefined || !rw.isOnlyUse(node.operands[0])) return undefined;
    const [x] = dequantize.operands;
    if (!isPerTensor(x.type, ['s8', 'u8', 's32']) || planesOf(x.type.shape, node.attrs.perm) === undefined)
      return undefined;
    const origin = mergeOrigins(dequantize.origin, node.origin);
    return make('dequantize-transposed', node.attrs, [x], node.results[0].type, origin);
  }),
];

export const fuseTranspose = definePass({
  name: 'fuse-transpose',
  doc: 'A transpose left behind a quantize or dequantize becomes the layout in which that stores its result.',
  requires: [],
  establishes: [],
  drops: [],
  numerics: 'exact',
  run: (graph, cx) => rewriteGraph(graph, rules, cx.hit),
});
