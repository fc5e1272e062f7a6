/**
 * recognize-fake-quant: quantization spelled as float arithmetic becomes quantize and dequantize. Exporters that decompose
 * PyTorch's fake-quant write it, and fold it away in the weights, which are then floats on a grid.
 *
 * BEFORE  %1 = binary(%0, 20) {fn mul}  %2 = unary(%1) {fn round}  %3 = binary(%2, 10) {fn add}  %4 = clamp(%3) {min 0, max 255}
 *         %5 = binary(%4, 10) {fn sub}  %6 = binary(%5, 0.05) {fn mul}
 * AFTER   %1 = quantize(%0) : u8[...] q(0.05, 10)   %6 = dequantize(%1)
 *
 * BEFORE  %7 = conv2d(%6, @w)        every weight of an output channel is f32(q * scale), |q| <= 127
 * AFTER   %7 = conv2d(%6, dequantize(@q))
 *
 * Numerics: the arithmetic multiplies by f32(1 / scale) where quantize divides, so a value next to a tie may move by one
 * step (and a NaN becomes the lowest value). The weights keep their values bit for bit.
 */
import { constant, make } from '../src/ir/build.js';
import { type Const, mergeOrigins, type Node, type Origin, type Value } from '../src/ir/graph.js';

import { definePass } from '../src/ir/pass.js';
import { rewriteGraph, rule } from '../src/ir/rewrite.js';
import { elementRange, elements, f32Data, floatType, type QuantElement, quantType } from '../src/ir/type.js';
import { producer } from '../src/ir/walk.js';
import { perAxis } from '../src/quant/affine.js';
import { gridScale } from '../src/quant/grid.js';

type Fn = Node<'binary'>['attrs']['fn'];

interface Step {
  readonly rest: Value;
  readonly number: number;
  readonly origin: Origin;
}

/** The value of a float constant of one element. */
function scalar(value: Value): number | undefined {
  if (value.kind !== 'const' || value.type.element !== 'f32' || elements(value.type.shape) !== 1) return undefined;
  return f32Data(value.tensor)[0];
}

/** `value` as an operation of a tensor and a number; on either side where the operation commutes. */
function withNumber(value: Value, fn: Fn): Step | undefined {
  const node = producer(value, 'binary');
  if (node?.attrs.fn !== fn) return undefined;
  const [a, b] = node.operands;
  const right = scalar(b);
  if (right !== undefined) return { rest: a, number: right, origin: node.origin };
  const left = fn === 'mul' || fn === 'add' ? scalar(a) : undefined;
  return left === undefined ? undefined : { rest: b, number: left, origin: node.origin };
}

/** The element whose range holds [min, max], the unsigned one first. */
function elementFor(min: number, max: number): QuantElement | undefined {
  return (['u8', 's8'] as const).find((e) => min >= elementRange[e][0] && max <= elementRange[e][1]);
}

const INVERSE_TOLERANCE = 1e-6;

/** dequantize(quantize(x)) for a node that ends the arithmetic: ((clamp(round(x / scale) + zero)) - zero) * scale. */
function fakeQuant(node: Node<'binary'>): Value | undefined {
  const outer = withNumber(node.results[0], 'mul');
  if (outer === undefined || !(outer.number > 0)) return undefined;
  const scale = outer.number;
  const back = withNumber(outer.rest, 'sub');
  const zero = back?.number ?? 0;
  const clamp = producer(back?.rest ?? outer.rest, 'clamp');
  if (clamp === undefined) return undefined;
  const { min, max } = clamp.attrs;
  const element = elementFor(min, max);
  if (element === undefined || ![min, max, zero].every(Number.isInteger)) return undefined;
  if (zero < elementRange[element][0] || zero > elementRange[element][1]) return undefined;
  const there = withNumber(clamp.operands[0], 'add');
  if ((there?.number ?? 0) !== zero) return undefined;
  const round = producer(there?.rest ?? clamp.operands[0], 'unary');
  if (round?.attrs.fn !== 'round') return undefined;
  const scaled = withNumber(round.operands[0], 'div') ?? withNumber(round.operands[0], 'mul');
  if (scaled === undefined) return undefined;
  const isQuotient = producer(round.operands[0], 'binary')?.attrs.fn === 'div';
  const ratio = isQuotient ? scaled.number / scale : scaled.number * scale;
  if (!(Math.abs(ratio - 1) < INVERSE_TOLERANCE)) return undefined;
  const { shape } = scaled.rest.type;
  // A constant of a higher rank would have given the result more dimensions.
  if (shape.length !== node.results[0].type.shape.length) return undefined;
  const affine = { per: 'tensor', scale: Math.fround(scale), zeroPoint: zero } as const;
  const origin = mergeOrigins(scaled.origin, round.origin, clamp.origin, node.origin);
  const type = { ...quantType(element, shape, affine), range: [min, max] } as const;
  const stored = make('quantize', {}, [scaled.rest], type, origin);
  return make('dequantize', {}, [stored], floatType(shape), origin);
}

/** True if `value` is a dequantized tensor, moved or not. */
function isDequantized(value: Value): boolean {
  let at = value;
  while (at.kind === 'result' && (at.node.kind === 'transpose' || at.node.kind === 'reshape' || at.node.kind === 'pad'))
    at = at.node.operands[0];
  return producer(at, 'dequantize') !== undefined;
}

/** dequantize of s8 weights, for floats of which each output channel lies on a grid. */
function onGrid(w: Const, origin: Origin): Value | undefined {
  const reals = f32Data(w.tensor);
  const [channels] = w.type.shape;
  const cells = reals.length / channels;
  const scales = new Float32Array(channels);
  const stored = new Int8Array(reals.length);
  for (let o = 0; o < channels; o++) {
    const channel = reals.subarray(o * cells, (o + 1) * cells);
    const scale = gridScale(channel);
    if (scale === undefined) return undefined;
    scales[o] = scale;
    for (let i = 0; i < cells; i++) stored[o * cells + i] = Math.round(channel[i] / scale);
  }
  const affine = perAxis(0, scales, new Int32Array(channels));
  const type = { ...quantType('s8', w.type.shape, affine), range: [-127, 127] } as const;
  return make('dequantize', {}, [constant(w.name, { type, data: stored })], floatType(w.type.shape), origin);
}

const rules = [
  rule('fake-quant in float arithmetic', 'binary', fakeQuant),
  rule('weights on a grid', 'conv2d', (node) => {
    const [x, w, ...rest] = node.operands;
    if (w.kind !== 'const' || w.type.element !== 'f32' || !isDequantized(x)) return undefined;
    const weights = onGrid(w, node.origin);
    if (weights === undefined) return undefined;
    const bias = rest[0] === undefined ? [] : [rest[0]];
    return make('conv2d', node.attrs, [x, weights, ...bias], node.results[0].type, node.origin);
  }),
];

export const recognizeFakeQuant = definePass({
  name: 'recognize-fake-quant',
  doc: 'Quantization spelled as float arithmetic (scale, round, clip, scale back) becomes quantize and dequantize.',
  requires: [],
  establishes: [],
  drops: [],
  numerics: 'one-step-per-rewritten-node',
  run: (graph, cx) => rewriteGraph(graph, rules, cx.hit),
});
