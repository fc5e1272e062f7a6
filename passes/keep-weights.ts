/**
 * keep-weights: stored weights that floats are multiplied with stay stored; the kernel makes floats of them in registers.
 *
 * BEFORE  %1 = conv2d(%0, dequantize(@w : s4[64,1,1,256]), @b)      %2 = gather(dequantize(@t : s8), %i) {axis 0}
 * AFTER   %1 = linear-stored(%0, @w : s4[64,256], @b)               %2 = gather-stored(@t, %i)
 *
 * Exact: the same floats meet in the same order.
 */
import { anyNode, constant, make } from '../src/ir/build.js';
import type { Const, Value } from '../src/ir/graph.js';
import { definePass } from '../src/ir/pass.js';
import { isMatrixProduct } from '../src/ir/quantizable.js';
import { type AnyRule, rewriteGraph, rule } from '../src/ir/rewrite.js';
import { type Affine, elements, type QuantType } from '../src/ir/type.js';
import { producer } from '../src/ir/walk.js';

const elementsKept: ReadonlySet<string> = new Set(['s8', 'u8', 's4', 'u4']);

/** The stored constant behind a dequantize as a matrix whose rows have scales of their own; undefined if there is none. */
function storedMatrix(value: Value): Const | undefined {
  const w = producer(value, 'dequantize')?.operands[0];
  if (w?.kind !== 'const' || w.type.kind !== 'quant' || !elementsKept.has(w.type.element)) return undefined;
  const { shape } = w.type;
  const columns = shape[shape.length - 1];
  const affine = rowAffine(w.type, columns);
  if (affine === undefined) return undefined;
  const type = { ...w.type, shape: [elements(shape) / columns, columns], affine };
  return constant(w.name, { type, data: w.tensor.data });
}

function rowAffine({ affine, shape }: QuantType, columns: number): Affine | undefined {
  if (affine.per === 'tensor') return affine;
  const isRows = shape.slice(0, affine.axis).every((d) => d === 1);
  if (affine.per === 'axis') {
    // Rows of more than one dimension share a scale among them.
    return isRows && affine.scales.length === elements(shape) / columns ? { ...affine, axis: 0 } : undefined;
  }
  return affine.axis === shape.length - 1 ? { ...affine, axis: 1 } : undefined;
}

const rules: readonly AnyRule[] = [
  rule('stored weights of a linear layer', 'conv2d', (node) => {
    const [x, w, ...bias] = node.operands;
    if (x.type.element !== 'f32' || !isMatrixProduct(anyNode(node))) return undefined;
    const matrix = storedMatrix(w);
    return matrix === undefined
      ? undefined
      : make('linear-stored', {}, [x, matrix, ...bias], node.results[0].type, node.origin);
  }),
  rule('stored table of an embedding', 'gather', (node) => {
    const [x, index] = node.operands;
    if (node.attrs.axis !== 0 || x.type.element !== 'f32' || x.type.shape.length !== 2) return undefined;
    const table = storedMatrix(x);
    return table === undefined
      ? undefined
      : make('gather-stored', {}, [table, index], node.results[0].type, node.origin);
  }),
];

export const keepWeights = definePass({
  name: 'keep-weights',
  doc: 'Stored weights that floats are multiplied with stay stored; the kernel makes floats of them in registers.',
  requires: [],
  establishes: [],
  drops: [],
  numerics: 'exact',
  run: (graph, cx) => rewriteGraph(graph, rules, cx.hit),
});
