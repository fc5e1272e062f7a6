/**
 * cancel-transposes: transposes sink towards the outputs, through everything that does not care about order, until they
 * meet their inverse, a reshape that swallows them, or constant weights they can be folded into.
 *
 * BEFORE  %1 = transpose(%0) {perm [0,3,1,2]}  %2 = add(%1, %r')  %3 = transpose(%2) {perm [0,2,3,1]}
 * AFTER   %3 = add(%0, %r)
 *
 * Exact: no element changes, only where it lies.
 */
import { anyNode, constant, make, makeNode } from '../src/ir/build.js';
import type { AnyNode, Const, OpKind, Value } from '../src/ir/graph.js';
import { definePass } from '../src/ir/pass.js';
import { type AnyRule, rewriteGraph, rule } from '../src/ir/rewrite.js';
import { elements, gatherData, type Tensor } from '../src/ir/type.js';
import { producer } from '../src/ir/walk.js';
import { opDef } from '../src/ops/index.js';
import { hoistedTransposes } from '../src/ops/move-forms.js';
import { inversePermutation, permutedType } from '../src/ops/permute.js';
import { transposedIndex } from '../src/ops/transpose/op.js';
import { transposedForms } from '../src/ops/transposed-forms.js';
import { viewRules } from '../src/ops/view-forms.js';

/** Ops that treat every element alike and have one operand. */
const elementwise: readonly OpKind[] = [
  'quantize',
  'dequantize',
  'clamp',
  'requantize',
  'reinterpret',
  'lookup',
  'unary',
  'activation',
  'cast',
];
/** The same with operands that broadcast. */
const broadcasting: readonly OpKind[] = ['add', 'binary', 'compare', 'where'];

function transposeTo(value: Value, perm: readonly number[], node: AnyNode): Value {
  return make('transpose', { perm }, [value], permutedType(value.type, perm), node.origin);
}

/** `node` on other operands with its first result permuted back by `undo`. */
function rebuilt(node: AnyNode, operands: readonly Value[], undo: readonly number[]): Value {
  const type = permutedType(node.results[0].type, undo);
  return anyNode(makeNode(node.kind, node.attrs, operands, [type], node.origin)).results[0];
}

function sinkElementwise(kind: OpKind): AnyRule {
  return {
    name: `transpose below ${kind}`,
    root: kind,
    apply(node) {
      const transpose = producer(node.operands[0], 'transpose');
      if (transpose === undefined || node.results.length !== 1) return undefined;
      const { perm } = transpose.attrs;
      const inner = rebuilt(node, [transpose.operands[0], ...node.operands.slice(1)], inversePermutation(perm));
      return transposeTo(inner, perm, node);
    },
  };
}

/** A constant operand in the layout before `perm`; lower ranks get leading ones first. */
function constantBefore(value: Const, perm: readonly number[]): Const {
  const padding = new Array<number>(perm.length - value.type.shape.length).fill(1);
  const shape = [...padding, ...value.type.shape];
  const full = { ...value.type, shape };
  const undo = inversePermutation(perm);
  const data = gatherData(value.tensor.data, transposedIndex(shape, undo));
  return constant(value.name, { type: permutedType(full, undo), data });
}

/**
 * A constant, or what is computed of constants that differ along one dimension at most: factors and shifts of a batch
 * normalization may be dequantized, and nothing has folded those yet.
 */
function constantOf(value: Value): Const | undefined {
  if (value.kind === 'const') return value;
  if (value.kind === 'param' || value.type.shape.filter((dim) => dim > 1).length > 1) return undefined;
  const { node, index } = value;
  const tensors: Tensor[] = [];
  for (const operand of node.operands) {
    const known = constantOf(operand);
    if (known === undefined) return undefined;
    tensors.push(known.tensor);
  }
  if (tensors.length === 0) return undefined;
  const types = node.results.map((r) => r.type);
  const tensor = opDef(node.kind).evaluate({ ...node.attrs }, tensors, types)[index];
  return constant(node.origin.names[0] ?? node.kind, tensor);
}

function sinkBroadcasting(kind: OpKind): AnyRule {
  return {
    name: `transpose below ${kind}`,
    root: kind,
    apply(node) {
      const transposes = node.operands.map((v) => producer(v, 'transpose'));
      const first = transposes.find((t) => t !== undefined);
      if (first === undefined || node.results.length !== 1) return undefined;
      const { perm } = first.attrs;
      if (perm.length !== node.results[0].type.shape.length) return undefined;
      const operands: Value[] = [];
      for (const [i, value] of node.operands.entries()) {
        const transpose = transposes[i];
        if (transpose?.attrs.perm.every((p, d) => p === perm[d])) operands.push(transpose.operands[0]);
        else if (elements(value.type.shape) === 1 && value.type.shape.length <= 1) operands.push(value);
        else {
          const known = constantOf(value);
          if (known === undefined) return undefined;
          operands.push(constantBefore(known, perm));
        }
      }
      return transposeTo(rebuilt(node, operands, inversePermutation(perm)), perm, node);
    },
  };
}

const rules: readonly AnyRule[] = [
  ...viewRules,
  rule('transpose that moves nothing', 'transpose', (node) => {
    const [x] = node.operands;
    const moved = node.attrs.perm.filter((p) => x.type.shape[p] !== 1);
    if (moved.some((p, i) => i > 0 && p < moved[i - 1])) return undefined;
    if (x.type.kind === 'quant' && x.type.affine.per !== 'tensor') return undefined;
    const { shape } = node.results[0].type;
    return make('reshape', { shape }, [x], node.results[0].type, node.origin);
  }),
  rule('flattened transpose into fully connected weights', 'conv2d', (node, rw) => {
    const [x, w, ...rest] = node.operands;
    const reshape = producer(x, 'reshape');
    const transpose = producer(reshape?.operands[0], 'transpose');
    if (reshape === undefined || transpose === undefined || w.kind !== 'const' || !rw.isOnlyUse(x)) return undefined;
    const [oc, kh, kw, k] = w.type.shape;
    const before = transpose.results[0].type.shape;
    const [n] = before;
    const isFlat =
      kh === 1 &&
      kw === 1 &&
      node.attrs.groups === 1 &&
      transpose.attrs.perm[0] === 0 &&
      elements(before.slice(1)) === k;
    if (!isFlat || elements(x.type.shape) !== n * k) return undefined;
    // Column c of the weights belongs to element c of the transposed tensor; in the original order it is column undo[c].
    const undo = inversePermutation(transpose.attrs.perm.slice(1).map((p) => p - 1));
    const columns = transposedIndex(before.slice(1), undo);
    const index = Int32Array.from({ length: oc * k }, (_, i) => Math.floor(i / k) * k + columns[i % k]);
    const weights = constant(w.name, { type: w.type, data: gatherData(w.tensor.data, index) });
    const flat = make('reshape', reshape.attrs, [transpose.operands[0]], reshape.results[0].type, reshape.origin);
    return anyNode(makeNode('conv2d', node.attrs, [flat, weights, ...rest], [node.results[0].type], node.origin))
      .results[0];
  }),
  ...elementwise.map(sinkElementwise),
  ...broadcasting.map(sinkBroadcasting),
  ...transposedForms,
];

export const cancelTransposes = definePass({
  name: 'cancel-transposes',
  doc: 'Moves transposes through element-wise ops until they cancel, or folds them into constant weights.',
  requires: [],
  establishes: ['nhwc'],
  drops: [],
  numerics: 'exact',
  run(graph, cx) {
    const sunk = rewriteGraph(graph, rules, cx.hit);
    return rewriteGraph(sunk, [...rules, ...hoistedTransposes], cx.hit);
  },
});
