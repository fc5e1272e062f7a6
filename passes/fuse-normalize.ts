/**
 * fuse-normalize: a layer normalisation that is spelled out, as exporters below opset 17 do, becomes one sweep over its rows.
 *
 * BEFORE  %m = reduce(%x) {mean}   %d = sub(%x, %m)   %v = reduce(mul(%d, %d)) {mean}
 *         %y = add(mul(div(%d, sqrt(add(%v, 1e-5))), @scale), @bias)
 * AFTER   %y = normalize(%x, @scale, @bias) {centred, spelled}
 *
 * Exact: `spelled` rounds where the operators do.
 */
import { make } from '../src/ir/build.js';
import { mergeOrigins, type Node, type Value } from '../src/ir/graph.js';
import { definePass } from '../src/ir/pass.js';
import { type Rewriter, rewriteGraph, rule } from '../src/ir/rewrite.js';
import { elements, f32Data, sameShape } from '../src/ir/type.js';
import { producer } from '../src/ir/walk.js';

type Pair = Node<'binary'>;

/** `value` as this function of two, if nothing else reads it. */
function alone(value: Value, fn: string, rw: Rewriter): Pair | undefined {
  const node = producer(value, 'binary');
  return node?.attrs.fn === fn && rw.isOnlyUse(value) ? node : undefined;
}

/** Both orders of operands that may change places. */
function orders({ operands: [a, b] }: Pair): readonly (readonly [Value, Value])[] {
  return [
    [a, b],
    [b, a],
  ];
}

/** The mean of something over `axes`, which nothing else reads. */
function meanOf(value: Value, rw: Rewriter): Node<'reduce'> | undefined {
  const node = producer(value, 'reduce');
  return node?.attrs.fn === 'mean' && rw.isOnlyUse(value) ? node : undefined;
}

interface Unit {
  readonly x: Value;
  readonly axes: readonly number[];
  readonly epsilon: number;
  readonly nodes: readonly Node[];
}

/** d / sqrt(mean of d * d + epsilon), d = x - mean of x. */
function unitOf(value: Value, rw: Rewriter): Unit | undefined {
  const div = alone(value, 'div', rw);
  const sqrt = div && producer(div.operands[1], 'unary');
  if (div === undefined || sqrt?.attrs.fn !== 'sqrt' || !rw.isOnlyUse(div.operands[1])) return undefined;
  const sub = producer(div.operands[0], 'binary');
  const shift = alone(sqrt.operands[0], 'add', rw);
  if (sub?.attrs.fn !== 'sub' || rw.uses(div.operands[0]) !== 3 || shift === undefined) return undefined;
  const mean = meanOf(sub.operands[1], rw);
  const [x] = sub.operands;
  if (mean?.operands[0] !== x || x.type.element !== 'f32') return undefined;
  for (const [variance, epsilon] of orders(shift)) {
    const squares = meanOf(variance, rw);
    const square = squares && alone(squares.operands[0], 'mul', rw);
    if (square?.operands.every((d) => d === div.operands[0]) !== true || squares === undefined) continue;
    if (epsilon.kind !== 'const' || elements(epsilon.type.shape) !== 1) continue;
    const { axes } = mean.attrs;
    if (axes.length !== squares.attrs.axes.length || axes.some((axis, i) => axis !== squares.attrs.axes[i])) continue;
    if (axes.some((axis, i) => i > 0 && axis <= axes[i - 1])) continue;
    return { x, axes, epsilon: f32Data(epsilon.tensor)[0], nodes: [mean, sub, square, squares, shift, sqrt, div] };
  }
  return undefined;
}

/** The product of a unit and a scale that is as large as the unit's tensor, or broadcasts to it. */
function scaled(product: Pair | undefined, rw: Rewriter): { readonly unit: Unit; readonly scale: Value } | undefined {
  if (product?.attrs.fn !== 'mul') return undefined;
  for (const [value, scale] of orders(product)) {
    const unit = unitOf(value, rw);
    if (unit !== undefined && sameShape(product.results[0].type.shape, unit.x.type.shape)) return { unit, scale };
  }
  return undefined;
}

const rules = [
  rule('layer normalisation', 'binary', (node, rw) => {
    const sums = node.attrs.fn === 'add' ? orders(node) : [];
    for (const [value, bias] of sums) {
      const product = alone(value, 'mul', rw);
      const found = scaled(product, rw);
      if (found === undefined || product === undefined) continue;
      const { unit, scale } = found;
      if (!sameShape(node.results[0].type.shape, unit.x.type.shape)) continue;
      const origin = mergeOrigins(...[...unit.nodes, product, node].map((n) => n.origin));
      const attrs = { axes: [...unit.axes], centred: true, spelled: true, epsilon: unit.epsilon };
      return make('normalize', attrs, [unit.x, scale, bias], node.results[0].type, origin);
    }
    return undefined;
  }),
];

export const fuseNormalize = definePass({
  name: 'fuse-normalize',
  doc: 'A layer normalisation that is spelled out becomes one sweep over its rows.',
  requires: [],
  establishes: [],
  drops: [],
  numerics: 'exact',
  run: (graph, cx) => rewriteGraph(graph, rules, cx.hit),
});
