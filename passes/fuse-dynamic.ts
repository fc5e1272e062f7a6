/**
 * fuse-dynamic: what makes floats of a product of integers whose activation was quantized at run time, spelled out in five
 * operators, moves into the product's epilogue.
 *
 * BEFORE  %a = conv2d-requant(%q, @w, 0, 1) : s32      %t = mul(cast(%zero), @sums)     %c = cast(sub(%a, %t)) : f32
 *         %y = add(mul(%c, mul(%scale, @w_scale)), @b)
 * AFTER   %y = dynamic-conv(%q, @w, %zero, %scale, @w_scale, @b)
 *         clamp(%y) {min 0}, and (%y * (erf(%y / sqrt 2) + 1)) * 0.5, are its activation.
 *
 * Where each row was quantized by its own range, which no operator of ONNX does, what spells that out along the last dimension
 * (`qcc quantize --activations per-row` writes it) becomes one dynamic-quantize, and the product has a scale for each row.
 *
 * Exact: the same int32 sums, the same float operations in the same order; but rows with a NaN, whose cast to u8 ONNX leaves
 * open, are quantized as DynamicQuantizeLinear would. Reshapes between them stay outside.
 */
import { constant, make, makeNode } from '../src/ir/build.js';
import { type AnyNode, mergeOrigins, type Node, type Origin, type Value } from '../src/ir/graph.js';
import { definePass } from '../src/ir/pass.js';
import { type Rewriter, rewriteGraph, rule } from '../src/ir/rewrite.js';
import {
  elements,
  floatType,
  numberData,
  quantType,
  type Shape,
  sameShape,
  unitAffine,
  withShape,
} from '../src/ir/type.js';
import { producer } from '../src/ir/walk.js';
import { runTimeBounds } from '../src/ops/dynamic-conv/bounds.js';
import { GELU_DIVISOR, isMatrixProduct, weightSums } from '../src/ops/dynamic-conv/op.js';
import { isNumber, orders, type QuantizedRows, quantizedRows } from '../src/ops/dynamic-forms.js';

/** `value`, or what it is a reshape of. */
function behindReshapes(value: Value, rw: Rewriter): Value {
  let found = value;
  for (let move = producer(found, 'reshape'); move !== undefined; move = producer(found, 'reshape')) {
    if (!rw.isOnlyUse(found)) return found;
    found = move.operands[0];
  }
  return found;
}

function behindAll(value: Value): Value {
  const move = producer(value, 'reshape');
  return move === undefined ? value : behindAll(move.operands[0]);
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

interface Product {
  readonly conv: Node<'conv2d-requant'>;
  readonly zero: Value;
  /** Of which both come, where each row has its own range. */
  readonly rows: QuantizedRows | undefined;
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
    if (zero === undefined || sums.kind !== 'const' || !isAlongLast(sums, node.results[0].type.shape)) continue;
    const rows = zero.type.kind === 'float' ? quantizedRows(behindAll(conv.operands[0])) : undefined;
    const isKnown =
      rows === undefined ? zero.type.kind === 'quant' && elements(zero.type.shape) === 1 : zero === rows.zero;
    if (!isKnown || elements(sums.type.shape) !== w.type.shape[0]) continue;
    const wanted = weightSums(w.tensor);
    if (numberData(sums.tensor).every((sum, o) => sum === wanted[o])) return { conv, zero, rows };
  }
  return undefined;
}

function isOpen(conv: Node<'conv2d-requant'>): boolean {
  const { add, lookup, pads } = conv.attrs;
  return add === 'none' && !lookup && pads.every((p) => p === 0);
}

/** Where the numbers of a product come from. */
interface RunTime {
  readonly x: Value;
  readonly zero: Value;
  readonly scale: Value;
}

/** One dynamic-quantize for all products that read the same rows. */
type RowsMade = Map<Value, readonly Value[]>;

function runTimeOf({ conv, zero, rows }: Product, scale: Value, origin: Origin, made: RowsMade): RunTime {
  const [stored] = conv.operands;
  const flat = (v: Value, shape: Shape) => reshapedTo(v, shape, origin);
  if (rows === undefined) return { x: stored, zero: flat(zero, []), scale: flat(scale, []) };
  const { x } = rows;
  const each = x.type.shape.slice(0, -1);
  const byte = (shape: Shape) => quantType('u8', shape, unitAffine);
  const results =
    made.get(x) ??
    makeNode('dynamic-quantize', { per: 'row' }, [x], [byte(x.type.shape), floatType(each), byte(each)], rows.origin)
      .results;
  made.set(x, results);
  const [q, scales, zeros] = results;
  const count = [elements(each)];
  return { x: flat(q, stored.type.shape), zero: flat(zeros, count), scale: flat(scales, count) };
}

/** f32(acc - zero * sums) * (scale * w_scale) */
function rescaled(node: Node<'binary'>, rw: Rewriter, made: RowsMade): Value | undefined {
  if (node.attrs.fn !== 'mul' || node.results[0].type.element !== 'f32') return undefined;
  const y = node.results[0].type;
  for (const [left, right] of orders(node)) {
    const cast = producer(left, 'cast');
    const by = producer(right, 'binary');
    if (cast === undefined || by?.attrs.fn !== 'mul' || !rw.isOnlyUse(left) || !sameShape(left.type.shape, y.shape))
      continue;
    const inner = producer(cast.operands[0], 'binary');
    const product = inner && rw.isOnlyUse(cast.operands[0]) ? recentred(inner, rw) : undefined;
    if (product === undefined) continue;
    const { conv, zero, rows } = product;
    const [x, w] = conv.operands;
    const oc = w.type.shape[0];
    const scales = orders(by).find(
      ([scale, ws]) =>
        ws.kind === 'const' &&
        (rows === undefined ? elements(scale.type.shape) === 1 : scale === rows.scale) &&
        isAlongLast(ws, y.shape),
    );
    if (scales === undefined || !isOpen(conv) || x.type.kind !== 'quant') continue;
    if (rows === undefined && (zero.type.element !== x.type.element || !isAlongLast(right, y.shape))) continue;
    if (
      rows !== undefined &&
      !(isMatrixProduct(conv.attrs, w.type.shape) && elements(zero.type.shape) * oc === elements(y.shape))
    )
      continue;
    if (w.kind !== 'const' || y.shape.at(-1) !== oc || !runTimeBounds(w.tensor, x.type.range).fits) continue;
    const { strides, dilations, groups } = conv.attrs;
    const [scale, wScale] = scales;
    const origin = mergeOrigins(conv.origin, node.origin);
    const given = runTimeOf(product, scale, origin, made);
    const fused = make(
      'dynamic-conv',
      { strides, dilations, groups, activation: 'none' },
      [given.x, w, given.zero, given.scale, reshapedTo(wScale, elements(wScale.type.shape) === 1 ? [] : [oc], origin)],
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
    if (conv === undefined || conv.operands.length > 5 || conv.attrs.activation !== 'none') continue;
    if (!rw.isOnlyUse(conv.results[0])) continue;
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

/** `conv` with an activation, in the shape of `node`; undefined where the product has no room for one. */
function activated(value: Value, activation: 'relu' | 'gelu', node: AnyNode, rw: Rewriter): Value | undefined {
  const moved = producer(value, 'reshape')?.operands[0];
  const inner = moved === undefined ? value : behindReshapes(moved, rw);
  const conv = producer(inner, 'dynamic-conv');
  if (conv === undefined || conv.attrs.activation !== 'none') return undefined;
  const [, w, , , wScale, bias] = conv.operands;
  // Of wider weights the product is two steps, which have no room for it.
  const isOneStep =
    isMatrixProduct(conv.attrs, w.type.shape) &&
    w.type.element === 's8' &&
    wScale.kind === 'const' &&
    (bias ?? wScale).kind === 'const';
  if (!isOneStep || (inner !== value && !rw.isOnlyUse(inner))) return undefined;
  const origin = mergeOrigins(conv.origin, node.origin);
  const attrs = { ...conv.attrs, activation };
  const fused = make('dynamic-conv', attrs, conv.operands, conv.results[0].type, origin);
  return reshapedTo(fused, node.results[0].type.shape, origin);
}

function relu(node: Node<'clamp'>, rw: Rewriter): Value | undefined {
  const [x] = node.operands;
  const isRelu = node.attrs.min === 0 && node.attrs.max === Number.POSITIVE_INFINITY;
  return isRelu && rw.isOnlyUse(x) ? activated(x, 'relu', node, rw) : undefined;
}

/** The other operand, where one is this number. */
function besides(node: Node<'binary'>, fn: 'add' | 'mul', number: number): Value | undefined {
  if (node.attrs.fn !== fn) return undefined;
  return orders(node).find(([, by]) => isNumber(by, number))?.[0];
}

/** (y * (erf(y / sqrt 2) + 1)) * 0.5, in which nothing but this reads y. */
function gelu(node: Node<'binary'>, rw: Rewriter): Value | undefined {
  const product = besides(node, 'mul', 0.5);
  const factors = product && rw.isOnlyUse(product) ? producer(product, 'binary') : undefined;
  if (factors?.attrs.fn !== 'mul') return undefined;
  for (const [y, sum] of orders(factors)) {
    const added = rw.isOnlyUse(sum) ? producer(sum, 'binary') : undefined;
    const erf = added && besides(added, 'add', 1);
    const fn = erf && rw.isOnlyUse(erf) ? producer(erf, 'unary') : undefined;
    const divided =
      fn?.attrs.fn === 'erf' && rw.isOnlyUse(fn.operands[0]) ? producer(fn.operands[0], 'binary') : undefined;
    if (divided?.attrs.fn !== 'div' || divided.operands[0] !== y || !isNumber(divided.operands[1], GELU_DIVISOR))
      continue;
    if (rw.uses(y) === 2 && sameShape(y.type.shape, node.results[0].type.shape)) return activated(y, 'gelu', node, rw);
  }
  return undefined;
}

export const fuseDynamic = definePass({
  name: 'fuse-dynamic',
  doc: 'Moves zero points, scales, bias and activation of a dynamically quantized product into its epilogue: dynamic-conv.',
  requires: ['explicit-requantize'],
  establishes: [],
  drops: [],
  numerics: 'exact',
  run: (graph, cx) => {
    const made: RowsMade = new Map();
    return rewriteGraph(
      graph,
      [
        rule('rescaled product', 'binary', (node, rw) => rescaled(node, rw, made)),
        rule('bias of a product', 'binary', (node, rw) => biased(node, rw)),
        rule('GELU of a product', 'binary', (node, rw) => gelu(node, rw)),
        rule('Relu of a product', 'clamp', (node, rw) => relu(node, rw)),
      ],
      cx.hit,
    );
  },
});
