/**
 * fuse-epilogue: what follows a convolution of floats, and reads nothing else of its size but a residual, moves into the
 * convolution's kernel. Each step keeps its rounding.
 *
 * BEFORE  %1 = conv2d(%0, ...)  %2 = binary(%1, %r) {fn add}  %3 = clamp(%2) {min 0}
 * AFTER   %3 = conv2d-fused(%0, ..., %r) {add, after clamp}
 *
 * Before that x * sigmoid(x) becomes one function, which rounds twice as the two ops do.
 */
import { constant, make } from '../src/ir/build.js';
import { mergeOrigins, type Node, type Origin, type Value } from '../src/ir/graph.js';
import { definePass } from '../src/ir/pass.js';
import { type AnyRule, type Rewriter, rewriteGraph, rule } from '../src/ir/rewrite.js';
import { sameShape } from '../src/ir/type.js';
import { producer, topologicalOrder } from '../src/ir/walk.js';
import type { FusedFunction } from '../src/ops/conv2d-fused/op.js';

type Fused = Node<'conv2d-fused'>;

const pair = rule('x times its sigmoid', 'binary', (node) => {
  if (node.attrs.fn !== 'mul' || node.results[0].type.element !== 'f32') return undefined;
  const [a, b] = node.operands;
  for (const [x, gate] of [
    [a, b],
    [b, a],
  ]) {
    const sigmoid = producer(gate, 'unary');
    if (sigmoid?.attrs.fn === 'sigmoid' && sigmoid.operands[0] === x)
      return make('unary', { fn: 'silu' }, [x], node.results[0].type, mergeOrigins(sigmoid.origin, node.origin));
  }
  return undefined;
});

interface Open {
  readonly attrs: Fused['attrs'];
  readonly operands: readonly Value[];
  readonly y: Value;
  readonly origin: Origin;
}

/** The float convolution behind `value`, through reshapes, if all of them have one reader. */
function openConv(value: Value, rw: Rewriter): Open | undefined {
  if (!rw.isOnlyUse(value)) return undefined;
  const view = producer(value, 'reshape');
  if (view !== undefined) return openConv(view.operands[0], rw);
  const conv = producer(value, 'conv2d');
  if (conv !== undefined) {
    if (conv.results[0].type.element !== 'f32' || conv.operands[0].type.element !== 'f32') return undefined;
    const { rounding: _, ...window } = conv.attrs;
    const none = { before: 'none', before_a: 0, before_b: 0, after: 'none', after_a: 0, after_b: 0 } as const;
    const attrs = { ...window, ...none, bias: conv.operands.length > 2, add: false };
    return { attrs, operands: conv.operands, y: conv.results[0], origin: conv.origin };
  }
  const fused = producer(value, 'conv2d-fused');
  return fused && { attrs: fused.attrs, operands: fused.operands, y: fused.results[0], origin: fused.origin };
}

/** The convolution, with more in its epilogue, in the shape of what it replaces. */
function closed(open: Open, attrs: Fused['attrs'], operands: readonly Value[], origin: Origin, result: Value): Value {
  const all = mergeOrigins(open.origin, origin);
  return inShape(make('conv2d-fused', attrs, operands, open.y.type, all), result, origin);
}

function inShape(value: Value, like: Value, origin: Origin): Value {
  const { shape } = like.type;
  if (sameShape(value.type.shape, shape)) return value;
  if (value.kind === 'const') return constant(value.name, { ...value.tensor, type: { ...value.tensor.type, shape } });
  return make('reshape', { shape }, [value], { ...value.type, shape }, origin);
}

function followed(x: Value, node: Node, fn: FusedFunction, a: number, b: number, rw: Rewriter): Value | undefined {
  const open = openConv(x, rw);
  if (open === undefined) return undefined;
  const { attrs } = open;
  const [y] = node.results;
  if (attrs.add && attrs.after === 'none')
    return closed(open, { ...attrs, after: fn, after_a: a, after_b: b }, open.operands, node.origin, y);
  if (attrs.add || attrs.before !== 'none') return undefined;
  return closed(open, { ...attrs, before: fn, before_a: a, before_b: b }, open.operands, node.origin, y);
}

function rules(position: (value: Value) => number): AnyRule[] {
  return [
    rule('clamp', 'clamp', (node, rw) => {
      const { min, max } = node.attrs;
      return followed(node.operands[0], node, 'clamp', Math.fround(min), Math.fround(max), rw);
    }),
    rule('function', 'unary', (node, rw) => {
      const { fn } = node.attrs;
      if (fn !== 'hard-swish' && fn !== 'sigmoid' && fn !== 'silu') return undefined;
      return followed(node.operands[0], node, fn, 0, 0, rw);
    }),
    rule('function with a parameter', 'activation', (node, rw) => {
      const { fn, alpha } = node.attrs;
      if (fn !== 'leaky-relu' && fn !== 'swish') return undefined;
      return followed(node.operands[0], node, fn, alpha, 0, rw);
    }),
    rule('addition', 'binary', (node, rw) => {
      const [a, b] = node.operands;
      if (node.attrs.fn !== 'add' || a === b || !sameShape(a.type.shape, b.type.shape)) return undefined;
      const [first, second] = [a, b].map((value) => {
        const open = openConv(value, rw);
        return open?.attrs.add ? undefined : open;
      });
      // Of two candidates the later one takes the sum: its other operand is then ready first.
      const useFirst = first !== undefined && (second === undefined || position(first.y) >= position(second.y));
      const open = useFirst ? first : second;
      if (open === undefined) return undefined;
      const residual = inShape(useFirst ? b : a, open.y, node.origin);
      const operands = [...open.operands, residual];
      return closed(open, { ...open.attrs, add: true }, operands, node.origin, node.results[0]);
    }),
  ];
}

export const fuseEpilogue = definePass({
  name: 'fuse-epilogue',
  doc: 'Moves an activation, a residual addition, another activation into the float convolution before them; each keeps its rounding.',
  requires: [],
  establishes: [],
  drops: [],
  numerics: 'exact',
  run(graph, cx) {
    // Calibration and reports look at every value that has a name.
    if (graph.named !== undefined) return graph;
    const paired = rewriteGraph(graph, [pair], cx.hit);
    const order = new Map(topologicalOrder(paired).map((n, i) => [n, i]));
    const position = (value: Value) => (value.kind === 'result' ? (order.get(value.node) ?? order.size) : -1);
    return rewriteGraph(paired, rules(position), cx.hit);
  },
});
