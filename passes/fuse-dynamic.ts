/**
 * fuse-dynamic: what makes floats of a product of integers whose activation was quantized at run time, spelled out in five
 * operators, moves into the product's epilogue.
 *
 * BEFORE  %a = conv2d-requant(%q, @w, 0, 1) : s32      %t = mul(cast(%zero), @sums)     %c = cast(sub(%a, %t)) : f32
 *         %y = add(mul(%c, mul(%scale, @w_scale)), @b)
 * AFTER   %y = dynamic-conv(%q, @w, %zero, %scale, @w_scale, @b)
 *
 * Exact: the same int32 sums, the same float operations in the same order. Reshapes between them stay outside.
 */
import { constant, make } from '../src/ir/build.js';
import { mergeOrigins, type Node, type Origin, type Value } from '../src/ir/graph.js';
import { definePass } from '../src/ir/pass.js';
import { type Rewriter, rewriteGraph, rule } from '../src/ir/rewrite.js';
import { elements, floatType, numberData, type Shape, sameShape, withShape } from '../src/ir/type.js';
import { producer } from '../src/ir/walk.js';
import { runTimeBounds, weightSums } from '../src/ops/dynamic-conv/bounds.js';

/** `value`, or what it is a reshape of. */
function behindReshapes(value: Value, rw: Rewriter): Value {
  let found = value;
  for (let move = producer(found, 'reshape'); move !== undefined; move = producer(found, 'reshape')) {
    if (!rw.isOnlyUse(found)) return found;
    found = move.operands[0];
  }
  return found;
}

function reshapedTo(value: Value, shape: Shape, origin: Origin): Value {
  if (sameShape(value.type.shape, shape)) return value;
  const type = withShape(value.type, shape);
  if (value.kind === 'const') return constant(value.name, { type, data: value.tensor.data });
  return make('reshape', { shape: [...shape] }, [value], type, origin);
}

/** One number for each of the last dimension's elements, or one for all: their values in a row. */
function isAlongLast(value: Value, shape: Shape): boolean {
  const own = value.type.shape;
  const count = elements(own);
  return count === 1 || (own.at(-1) === shape.at(-1) && count === own.at(-1));
}

/** Both orders of the operands of a commutative node. */
function orders(node: Node<'binary'>): readonly (readonly [Value, Value])[] {
  const [a, b] = node.operands;
  return [
    [a, b],
    [b, a],
  ];
}

interface Product {
  readonly conv: Node<'conv2d-requant'>;
  readonly zero: Value;
}

/** acc - zero * sums, the sums being those of the weights. */
function recentred(node: Node<'binary'>, rw: Rewriter): Product | undefined {
  if (node.attrs.fn !== 'sub') return undefined;
  const [left, right] = node.operands;
  const conv = producer(behindReshapes(left, rw), 'conv2d-requant');
  const taken = producer(right, 'binary');
  if (conv === undefined || !rw.isOnlyUse(conv.results[0]) || taken?.attrs.fn !== 'mul') return undefined;
  const [, w, bias] = conv.operands;
  if (w.kind !== 'const' || bias.kind !== 'const' || numberData(bias.tensor).some((b) => b !== 0)) return undefined;
  for (const [cast, sums] of orders(taken)) {
    const zero = producer(cast, 'cast')?.operands[0];
    if (zero?.type.kind !== 'quant' || sums.kind !== 'const' || !isAlongLast(sums, node.results[0].type.shape))
      continue;
    if (elements(zero.type.shape) !== 1 || elements(sums.type.shape) !== w.type.shape[0]) continue;
    const wanted = weightSums(w.tensor);
    if (numberData(sums.tensor).every((sum, o) => sum === wanted[o])) return { conv, zero };
  }
  return undefined;
}

function isOpen(conv: Node<'conv2d-requant'>): boolean {
  const { add, lookup, pads } = conv.attrs;
  return add === 'none' && !lookup && pads.every((p) => p === 0);
}

/** f32(acc - zero * sums) * (scale * w_scale) */
function rescaled(node: Node<'binary'>, rw: Rewriter): Value | undefined {
  if (node.attrs.fn !== 'mul' || node.results[0].type.element !== 'f32') return undefined;
  const y = node.results[0].type;
  for (const [left, right] of orders(node)) {
    const cast = producer(left, 'cast');
    const by = producer(right, 'binary');
    if (cast === undefined || by?.attrs.fn !== 'mul' || !rw.isOnlyUse(left) || !sameShape(left.type.shape, y.shape))
      continue;
    const inner = producer(cast.operands[0], 'binary');
    const product = inner && rw.isOnlyUse(cast.operands[0]) ? recentred(inner, rw) : undefined;
    if (product === undefined || !isAlongLast(right, y.shape)) continue;
    const { conv, zero } = product;
    const [x, w] = conv.operands;
    const oc = w.type.shape[0];
    const scales = orders(by).find(([scale, ws]) => elements(scale.type.shape) === 1 && ws.kind === 'const');
    if (scales === undefined || !isOpen(conv) || x.type.kind !== 'quant' || zero.type.element !== x.type.element)
      continue;
    if (w.kind !== 'const' || y.shape.at(-1) !== oc || !runTimeBounds(w.tensor, x.type.range).fits) continue;
    const { strides, dilations, groups } = conv.attrs;
    const [scale, wScale] = scales;
    const origin = mergeOrigins(conv.origin, node.origin);
    const flat = (v: Value, shape: Shape) => reshapedTo(v, shape, origin);
    const fused = make(
      'dynamic-conv',
      { strides, dilations, groups },
      [x, w, flat(zero, []), flat(scale, []), flat(wScale, elements(wScale.type.shape) === 1 ? [] : [oc])],
      floatType(conv.results[0].type.shape),
      origin,
    );
    return reshapedTo(fused, y.shape, origin);
  }
  return undefined;
}

/** y + bias, a constant for each channel. */
function biased(node: Node<'binary'>, rw: Rewriter): Value | undefined {
  if (node.attrs.fn !== 'add') return undefined;
  const y = node.results[0].type;
  for (const [left, bias] of orders(node)) {
    const conv = producer(behindReshapes(left, rw), 'dynamic-conv');
    if (conv === undefined || conv.operands.length > 5 || !rw.isOnlyUse(conv.results[0])) continue;
    const oc = conv.operands[1].type.shape[0];
    if (bias.kind !== 'const' || elements(bias.type.shape) !== oc || !isAlongLast(bias, y.shape)) continue;
    if (!sameShape(left.type.shape, y.shape)) continue;
    const origin = mergeOrigins(conv.origin, node.origin);
    const fused = make(
      'dynamic-conv',
      conv.attrs,
      [...conv.operands, reshapedTo(bias, [oc], origin)],
      conv.results[0].type,
      origin,
    );
    return reshapedTo(fused, y.shape, origin);
  }
  return undefined;
}

export const fuseDynamic = definePass({
  name: 'fuse-dynamic',
  doc: 'Moves zero point, scales and bias of a dynamically quantized product into its epilogue: dynamic-conv.',
  requires: ['explicit-requantize'],
  establishes: [],
  drops: [],
  numerics: 'exact',
  run: (graph, cx) =>
    rewriteGraph(
      graph,
      [
        rule('rescaled product', 'binary', (node, rw) => rescaled(node, rw)),
        rule('bias of a product', 'binary', (node, rw) => biased(node, rw)),
      ],
      cx.hit,
    ),
});
