/**
 * fuse-bias: a constant per channel added to a convolution is its bias.
 *
 * BEFORE  %1 = conv2d(%0, @w)  %2 = transpose(%1) {perm [0,3,1,2]}  %3 = binary(%2, @b) {fn add}     b: f32[16,1,1]
 * AFTER   %1 = conv2d(%0, @w, @b')  %3 = transpose(%1) {perm [0,3,1,2]}                              b': f32[16]
 *
 * Linear layers arrive as MatMul and Add. Exact where the convolution had no bias: it is added last. Two constants are
 * added to each other first.
 */
import { constant } from '../src/ir/build.js';
import type { Node, Value } from '../src/ir/graph.js';
import { definePass } from '../src/ir/pass.js';
import { constantReals, convolutionBehind, perChannel, withWeights } from '../src/ir/per-channel.js';
import { type Rewriter, rewriteGraph, rule } from '../src/ir/rewrite.js';
import { f32Data, floatType, sameShape } from '../src/ir/type.js';

function fused(node: Node<'binary'>, x: Value, added: Value, sign: 1 | -1, rw: Rewriter): Value | undefined {
  const path = convolutionBehind(x, rw);
  const reals = constantReals(added);
  if (path === undefined || reals === undefined || path.conv.results[0].type.element !== 'f32') return undefined;
  if (!sameShape(node.results[0].type.shape, x.type.shape)) return undefined;
  const addend = perChannel(reals, x.type.shape, path.axis);
  if (addend === undefined) return undefined;
  const [, w, bias] = path.conv.operands;
  const old = constantReals(bias);
  if (bias !== undefined && old === undefined) return undefined;
  const before = old === undefined ? undefined : f32Data(old);
  const data = addend.map((v, o) => (before === undefined ? sign * v : before[o] + sign * v));
  const name = bias?.kind === 'const' ? bias.name : (node.origin.names[0] ?? 'bias');
  return withWeights(path, w, constant(name, { type: floatType([data.length]), data }), node.origin);
}

const rules = [
  rule('add of a constant', 'binary', (node, rw) => {
    const [a, b] = node.operands;
    if (node.attrs.fn === 'add') return fused(node, a, b, 1, rw) ?? fused(node, b, a, 1, rw);
    return node.attrs.fn === 'sub' ? fused(node, a, b, -1, rw) : undefined;
  }),
];

export const fuseBias = definePass({
  name: 'fuse-bias',
  doc: 'A constant per channel that is added to a convolution becomes its bias.',
  requires: [],
  establishes: [],
  drops: [],
  numerics: 'reassociates-float',
  run: (graph, cx) => rewriteGraph(graph, rules, cx.hit),
});
