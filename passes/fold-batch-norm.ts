/**
 * fold-batch-norm: a constant factor per channel goes into the weights of the convolution before it.
 *
 * BEFORE  %1 = conv2d(%0, @w, @b)  %2 = binary(%1, @factor) {fn mul}  %3 = binary(%2, @shift) {fn add}
 * AFTER   %2 = conv2d(%0, @w * factor, @b * factor)  %3 = binary(%2, @shift) {fn add}        fuse-bias takes the rest
 *
 * An addition between the two changes places with the factor. Weights that are dequantized integers stay integers: their
 * scales are multiplied, and the stored values of channels with a negative factor change sign.
 */
import { constant, make } from '../src/ir/build.js';
import type { Const, Node, Value } from '../src/ir/graph.js';
import { definePass } from '../src/ir/pass.js';
import { constantReals, convolutionBehind, perChannel, withWeights } from '../src/ir/per-channel.js';
import { type Rewriter, rewriteGraph, rule } from '../src/ir/rewrite.js';
import { elements, f32Data, floatType, numberData, type QuantType, sameShape, type Tensor } from '../src/ir/type.js';
import { producer } from '../src/ir/walk.js';
import { opDef } from '../src/ops/index.js';
import { perAxis, scaleAt, zeroPointAt } from '../src/quant/affine.js';

type Factors = (v: number, channel: number) => number;

/** f32 weights with every channel multiplied. */
function scaledFloats(w: Const, factor: Factors): Value {
  const cells = elements(w.type.shape) / w.type.shape[0];
  const data = f32Data(w.tensor).map((v, i) => factor(v, Math.floor(i / cells)));
  return constant(w.name, { type: w.type, data });
}

/** Dequantized weights with other scales; undefined where a sign cannot change or a scale would not stay positive. */
function scaledIntegers(node: Node<'dequantize'>, w: Const, type: QuantType, factor: Factors): Value | undefined {
  const { affine } = type;
  if (affine.per === 'block' || (affine.per === 'axis' && affine.axis !== 0)) return undefined;
  const channels = type.shape[0];
  const scales = Array.from({ length: channels }, (_, o) => Math.fround(factor(scaleAt(affine, o), o)));
  const zeros = Array.from({ length: channels }, (_, o) => zeroPointAt(affine, o));
  if (scales.some((s) => s === 0 || !Number.isFinite(s))) return undefined;
  const cells = elements(type.shape) / channels;
  const stored = numberData(w.tensor).slice();
  for (let i = 0; i < stored.length; i++) {
    const o = Math.floor(i / cells);
    if (scales[o] > 0) continue;
    if (zeros[o] !== 0 || -stored[i] < type.range[0] || -stored[i] > type.range[1]) return undefined;
    stored[i] = -stored[i];
  }
  const scaled = { ...type, affine: perAxis(0, scales.map(Math.abs), zeros) };
  return make('dequantize', {}, [constant(w.name, { type: scaled, data: stored })], node.results[0].type, node.origin);
}

function scaledWeights(w: Value, factor: Factors): Value | undefined {
  if (w.kind === 'const') return w.type.element === 'f32' ? scaledFloats(w, factor) : undefined;
  const node = producer(w, 'dequantize');
  const stored = node?.operands[0];
  if (node === undefined || stored?.kind !== 'const' || stored.type.kind !== 'quant') return undefined;
  return scaledIntegers(node, stored, stored.type, factor);
}

function folded(node: Node<'binary'>, x: Value, factors: Value, rw: Rewriter): Value | undefined {
  const path = convolutionBehind(x, rw);
  const reals = constantReals(factors);
  if (path === undefined || reals === undefined || !sameShape(node.results[0].type.shape, x.type.shape))
    return undefined;
  const list = perChannel(reals, x.type.shape, path.axis);
  if (list === undefined) return undefined;
  const factor: Factors = node.attrs.fn === 'div' ? (v, o) => v / list[o] : (v, o) => v * list[o];
  const [, w, bias] = path.conv.operands;
  const old = constantReals(bias);
  const weights = scaledWeights(w, factor);
  if (weights === undefined || (bias !== undefined && old === undefined)) return undefined;
  const name = bias?.kind === 'const' ? bias.name : 'bias';
  const scaled: Tensor | undefined = old && { type: floatType(old.type.shape), data: f32Data(old).map(factor) };
  return withWeights(path, weights, scaled && constant(name, scaled), node.origin);
}

/** (x + b) * a -> x * a + b * a, where x comes from a convolution. */
function exchanged(node: Node<'binary'>, sum: Value, factors: Value, rw: Rewriter): Value | undefined {
  const inner = producer(sum, 'binary');
  if (inner === undefined || (inner.attrs.fn !== 'add' && inner.attrs.fn !== 'sub') || !rw.isOnlyUse(sum))
    return undefined;
  const [a, b] = inner.operands;
  const isSwapped = inner.attrs.fn === 'add' && constantReals(a) !== undefined;
  const [x, added] = isSwapped ? [b, a] : [a, b];
  const [by, reals] = [constantReals(factors), constantReals(added)];
  if (by === undefined || reals === undefined || convolutionBehind(x, rw) === undefined) return undefined;
  const { type } = node.results[0];
  if (!sameShape(type.shape, x.type.shape)) return undefined;
  const [shape] = opDef('binary').inferShape(node.attrs, [reals.type, by.type]);
  const [product] = opDef('binary').evaluate(node.attrs, [reals, by], [floatType(shape)]);
  const scaled = make('binary', node.attrs, [x, factors], type, node.origin);
  return make('binary', inner.attrs, [scaled, constant('shift', product)], type, inner.origin);
}

function eitherWay(
  node: Node<'binary'>,
  rw: Rewriter,
  apply: (node: Node<'binary'>, x: Value, factors: Value, rw: Rewriter) => Value | undefined,
): Value | undefined {
  const [a, b] = node.operands;
  if (node.attrs.fn === 'mul') return apply(node, a, b, rw) ?? apply(node, b, a, rw);
  return node.attrs.fn === 'div' ? apply(node, a, b, rw) : undefined;
}

const rules = [
  rule('factor into weights', 'binary', (node, rw) => eitherWay(node, rw, folded)),
  rule('factor before addition', 'binary', (node, rw) => eitherWay(node, rw, exchanged)),
];

export const foldBatchNorm = definePass({
  name: 'fold-batch-norm',
  doc: 'Constant factors per channel, those of batch normalization among them, go into the weights before them.',
  requires: [],
  establishes: [],
  drops: [],
  numerics: 'reassociates-float',
  run: (graph, cx) => rewriteGraph(graph, rules, cx.hit),
});
