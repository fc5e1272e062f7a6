/**
 * fuse-activation: a clamp before a quantize (or on stored integers) becomes the range of the stored values.
 *
 * BEFORE  %1 = clamp(%0) {min 0, max 6}   %2 = quantize(%1) : u8[...] q(0.1, 10)
 * AFTER   %2 = quantize(%0) : u8[...] q(0.1, 10) in 10..70
 *
 * Exact: quantize is monotone, so clamping the reals and clamping the stored values commute.
 */
import { anyNode, make, makeNode } from '../src/ir/build.js';
import type { OpKind } from '../src/ir/graph.js';
import { definePass } from '../src/ir/pass.js';
import { rewriteGraph, rule } from '../src/ir/rewrite.js';
import type { QuantType } from '../src/ir/type.js';
import { producer } from '../src/ir/walk.js';
import { quantizeValue } from '../src/quant/requantize.js';

/** The part of `type.range` that a clamp of the reals to [min, max] leaves. */
export function narrowed(type: QuantType, min: number, max: number): QuantType | undefined {
  if (type.affine.per !== 'tensor') return undefined;
  const { scale, zeroPoint } = type.affine;
  const [low, high] = type.range;
  const from = min === Number.NEGATIVE_INFINITY ? low : quantizeValue(Math.fround(min), scale, zeroPoint, low, high);
  const to = max === Number.POSITIVE_INFINITY ? high : quantizeValue(Math.fround(max), scale, zeroPoint, low, high);
  return { ...type, range: [from, to] };
}

/** Ops that clamp their result to the range of its type anyway. */
const takesRange: ReadonlySet<OpKind> = new Set<OpKind>([
  'quantize',
  'conv2d',
  'conv2d-transpose',
  'matmul',
  'add',
  'requantize',
]);

const rules = [
  rule('clamp before quantize', 'quantize', (node) => {
    const clamp = producer(node.operands[0], 'clamp');
    const y = node.results[0].type;
    if (clamp === undefined || y.kind !== 'quant') return undefined;
    const type = narrowed(y, clamp.attrs.min, clamp.attrs.max);
    if (type === undefined) return undefined;
    return make('quantize', {}, [clamp.operands[0]], type, { names: [...clamp.origin.names, ...node.origin.names] });
  }),
  rule('clamp of stored integers', 'clamp', (node, rw) => {
    const [x] = node.operands;
    const y = node.results[0].type;
    if (x.kind !== 'result' || x.type.kind !== 'quant' || y.kind !== 'quant' || !rw.isOnlyUse(x)) return undefined;
    if (!takesRange.has(x.node.kind)) return undefined;
    const inner = x.node;
    const type = { ...x.type, range: y.range };
    return anyNode(
      makeNode(inner.kind, inner.attrs, inner.operands, [type], {
        names: [...inner.origin.names, ...node.origin.names],
      }),
    ).results[0];
  }),
];

export const fuseActivation = definePass({
  name: 'fuse-activation',
  doc: 'Turns a clamp (Relu, Clip) next to a quantize into the range of the stored values.',
  requires: [],
  establishes: [],
  drops: [],
  numerics: 'exact',
  run: (graph, cx) => rewriteGraph(graph, rules, cx.hit),
});
