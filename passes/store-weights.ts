/**
 * store-weights: constant weights of linear layers and tables of embeddings become 8 or 4 stored bits; everything else stays
 * float. Not in the list of `pipeline.ts`: `quantizer.ts` runs it on a float model, and compiles what it writes.
 *
 * BEFORE  %1 = conv2d(%0, @w)                        %2 = gather(@table, %i) {axis 0}
 * AFTER   %1 = conv2d(%0, dequantize(@w' : s8))      %2 = gather(dequantize(@table' : s8), %i) {axis 0}
 *
 * 8 bits: one scale for each output channel, or row of a table, -127..127. 4 bits: one for each `block` neighbours, -7..7.
 */
import { anyNode, constant, make, makeNode } from '../src/ir/build.js';
import type { Const, Value } from '../src/ir/graph.js';
import type { Pass } from '../src/ir/pass.js';
import { isLinearLayer } from '../src/ir/quantizable.js';
import { rewriteGraph, rule } from '../src/ir/rewrite.js';
import { type Affine, f32Data, quantType } from '../src/ir/type.js';
import { blockedWeights, WEIGHT_MAX } from '../src/quant/weight-scales.js';

export interface StoredBits {
  readonly bits: 8 | 4;
  /** Neighbours with one scale, of 4-bit weights. */
  readonly block: number;
}

/** Largest magnitude of a stored 4-bit weight. */
const NIBBLE_MAX = 7;

/** The constant as stored integers, its last dimension in blocks, dequantized. */
function stored(w: Const, { bits, block }: StoredBits): Value {
  const { shape } = w.type;
  const columns = shape[shape.length - 1];
  const length = bits === 8 ? columns : block;
  const { scales, stored: data } = blockedWeights(
    f32Data(w.tensor),
    columns,
    length,
    bits === 8 ? WEIGHT_MAX : NIBBLE_MAX,
  );
  const zeroPoints = new Int32Array(scales.length);
  const affine: Affine =
    bits === 8
      ? { per: 'axis', axis: 0, scales, zeroPoints }
      : { per: 'block', axis: shape.length - 1, block: length, scales, zeroPoints };
  const most = bits === 8 ? WEIGHT_MAX : NIBBLE_MAX;
  const type = quantType(bits === 8 ? 's8' : 's4', shape, affine, [-most, most]);
  return make('dequantize', {}, [constant(w.name, { type, data })], w.type, { names: [w.name] });
}

function rulesFor(how: StoredBits) {
  return [
    rule('linear layer', 'conv2d', (node) => {
      const [x, w, ...bias] = node.operands;
      if (!isLinearLayer(anyNode(node)) || w.kind !== 'const') return undefined;
      const types = node.results.map((r) => r.type);
      return makeNode('conv2d', node.attrs, [x, stored(w, how), ...bias], types, node.origin).results;
    }),
    rule('embedding', 'gather', (node) => {
      const [table, index] = node.operands;
      if (table.kind !== 'const' || table.type.element !== 'f32' || table.type.shape.length !== 2) return undefined;
      if (node.attrs.axis !== 0 || index.kind === 'const') return undefined;
      return make('gather', node.attrs, [stored(table, how), index], node.results[0].type, node.origin);
    }),
  ];
}

/** All of the pass but what it is given. */
export const description = {
  name: 'store-weights',
  doc: 'Weights of linear layers and tables of embeddings become 8 or 4 stored bits, everything else stays float.',
  requires: [],
  establishes: [],
  drops: [],
  numerics: 'new-model',
} as const;

export function storeWeights(how: StoredBits): Pass {
  return { ...description, run: (graph, cx) => rewriteGraph(graph, rulesFor(how), cx.hit) };
}
