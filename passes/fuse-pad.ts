/**
 * fuse-pad: padding with the value that a convolution reads outside of its input is the convolution's own.
 *
 * BEFORE  %1 = pad(%0) {before [0,1,1,0], after [0,1,1,0], value 3}     %0: u8 q(0.1, 3)
 *         %2 = conv2d(%1, @w) {pads [0,0,0,0]}
 * AFTER   %2 = conv2d(%0, @w) {pads [1,1,1,1]}
 *
 * Exact: outside of a quantized input a convolution reads the zero point, of a float one nothing, which adds what 0 times
 * a finite weight does. A transpose in between, which `cancel-transposes` left there, changes places with the padding.
 */

import { make } from '../src/ir/build.js';
import type { Node, Value } from '../src/ir/graph.js';
import { definePass } from '../src/ir/pass.js';
import { constantReals } from '../src/ir/per-channel.js';
import { rewriteGraph, rule } from '../src/ir/rewrite.js';
import { f32Data } from '../src/ir/type.js';
import { producer } from '../src/ir/walk.js';
import { permutedType } from '../src/ops/permute.js';
import { zeroPointAt } from '../src/quant/affine.js';

interface Padding {
  readonly source: Value;
  /** Per dimension of what the convolution reads. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly value: number;
}

/** The padding behind `x`, seen through one transpose. */
function paddingBehind(x: Value): Padding | undefined {
  const direct = producer(x, 'pad');
  if (direct !== undefined) return { source: direct.operands[0], ...direct.attrs };
  const transpose = producer(x, 'transpose');
  const pad = producer(transpose?.operands[0], 'pad');
  if (transpose === undefined || pad === undefined) return undefined;
  const { perm } = transpose.attrs;
  const [inner] = pad.operands;
  return {
    source: make('transpose', { perm }, [inner], permutedType(inner.type, perm), transpose.origin),
    before: perm.map((p) => pad.attrs.before[p]),
    after: perm.map((p) => pad.attrs.after[p]),
    value: pad.attrs.value,
  };
}

/** True if the convolution reads `value` outside of its input. */
function isNeutral(value: number, node: Node<'conv2d'>): boolean {
  const [x, w] = node.operands;
  if (x.type.kind === 'quant') return value === zeroPointAt(x.type.affine, 0);
  const weights = constantReals(w);
  return value === 0 && weights !== undefined && f32Data(weights).every(Number.isFinite);
}

const rules = [
  rule('pad before conv2d', 'conv2d', (node) => {
    const [x, ...rest] = node.operands;
    const padding = paddingBehind(x);
    if (padding === undefined || !isNeutral(padding.value, node)) return undefined;
    const { before, after, source } = padding;
    if ([before[0], before[3], after[0], after[3]].some((n) => n !== 0)) return undefined;
    const own = [before[1], before[2], after[1], after[2]];
    const pads = node.attrs.pads.map((p, i) => p + own[i]);
    return make('conv2d', { ...node.attrs, pads }, [source, ...rest], node.results[0].type, node.origin);
  }),
];

export const fusePad = definePass({
  name: 'fuse-pad',
  doc: 'Padding with zeros in front of a convolution becomes its own padding.',
  requires: [],
  establishes: [],
  drops: [],
  numerics: 'exact',
  run: (graph, cx) => rewriteGraph(graph, rules, cx.hit),
});
