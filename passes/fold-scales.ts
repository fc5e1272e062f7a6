/**
 * fold-scales: the scales of a quantized convolution become one float multiplier per output channel; zero points go
 * into the bias.
 *
 * BEFORE  %1 = conv2d(%0: u8 q(0.1, 3), @w: s8 q(axis 0, ...), @b: s32) : u8 q(0.2, 5)
 * AFTER   %1 = conv2d-requant(%0, @w, @b - 3 * sum(w), @m) : u8 q(0.2, 5)      m = f32(f32(sx*sw)/sy)
 *
 * Exact: sum (x - zx)(w - zw) = sum x (w - zw) - zx * sum (w - zw) over the integers, with zx read outside the image.
 * TFLite's layers of s16 have nothing to fold and stay what they are (`ops/wide-convolution-lower.ts`).
 * Weights with a zero point are stored as w - zw in s16 where 8 bits do not hold them.
 */
import { error } from '../src/diagnostics/diagnostic.js';
import { constant, make } from '../src/ir/build.js';
import type { Node, Result } from '../src/ir/graph.js';
import { definePass, type PassContext } from '../src/ir/pass.js';
import { rewriteGraph, rule } from '../src/ir/rewrite.js';
import { elementRange, elements, indexType, numberData, type TensorType, unitAffine } from '../src/ir/type.js';
import { accumulatorBounds } from '../src/ops/conv2d-requant/bounds.js';
import { centredWeights } from '../src/ops/conv2d-requant/weights.js';
import { floatMultipliers } from '../src/ops/epilogue.js';
import { fixedScales } from '../src/ops/fixed-scales.js';
import { scaleAt, zeroPointAt } from '../src/quant/affine.js';

const S32 = elementRange.s32;

/** What a result is requantized to; undefined for floats and sums. */
function storedElement({ element }: TensorType): 's8' | 'u8' | 's16' | undefined {
  return element === 's8' || element === 'u8' || element === 's16' ? element : undefined;
}

function folded(node: Node<'conv2d'>, cx: PassContext): Result | undefined {
  const [x, w, bias] = node.operands;
  const y = node.results[0].type;
  if (x.type.kind !== 'quant' || w.type.kind !== 'quant') return undefined;
  if (x.type.element === 's16' && node.attrs.rounding !== 'onnx') return undefined;
  const place = { node: node.origin.names[0] ?? 'conv2d' };
  if (w.kind !== 'const' || (bias !== undefined && bias.kind !== 'const')) {
    cx.report(
      error(
        'Q0311',
        'the weights of a quantized convolution are computed at run time',
        place,
        'export with constant weights',
      ),
    );
    return undefined;
  }
  const weights = centredWeights(w.tensor, w.type);
  const oc = weights.type.shape[0];
  const cells = elements(weights.type.shape) / oc;
  const zero = zeroPointAt(x.type.affine, 0);
  const ws = numberData(weights);
  const sx = scaleAt(x.type.affine, 0);
  const sums = new Float64Array(oc);
  for (let i = 0; i < ws.length; i++) sums[Math.floor(i / cells)] += ws[i];
  const biases = Float64Array.from(
    { length: oc },
    (_, o) => (bias === undefined ? 0 : Number(bias.tensor.data[o])) - zero * sums[o],
  );
  const bounds = accumulatorBounds(weights, biases, Math.min(x.type.range[0], zero), Math.max(x.type.range[1], zero));
  for (let o = 0; o < oc; o++)
    if (bounds.partialLow[o] < S32[0] || bounds.partialHigh[o] > S32[1]) {
      cx.report(
        error(
          'Q0310',
          `output channel ${o} can reach ${Math.min(bounds.partialLow[o])}..${bounds.partialHigh[o]}, beyond int32`,
          place,
          'its bias is out of range for its scale (a dead channel with a tiny weight scale?): re-quantize with a minimum weight scale',
        ),
      );
      return undefined;
    }
  const wScale = (o: number) => scaleAt(w.type.kind === 'quant' ? w.type.affine : unitAffine, o);
  const isStored = y.kind === 'quant' && storedElement(y) !== undefined;
  const rounding = isStored ? node.attrs.rounding : 'onnx';
  const multiplier =
    isStored && rounding !== 'onnx'
      ? fixedScales(rounding, sx, wScale, y, bounds, place)
      : floatMultipliers(y, sx, wScale, oc, place);
  if ('code' in multiplier) {
    cx.report(multiplier);
    return undefined;
  }
  const name = node.origin.names[0] ?? 'conv';
  const folding = {
    weights: constant(`${name}.weights`, weights),
    bias: constant(`${name}.bias`, { type: indexType('s32', [oc]), data: Int32Array.from(biases) }),
    multiplier: constant(`${name}.multiplier`, multiplier),
  };
  const element = storedElement(y) ?? 'u8';
  const sumElement = element === 's16' ? 'u8' : element;
  const [low, high] = isStored ? y.range : elementRange.u8;
  return make(
    'conv2d-requant',
    {
      ...node.attrs,
      rounding,
      add: 'none',
      lookup: false,
      mid_element: element,
      mid_zero: isStored ? zeroPointAt(y.affine, 0) : 0,
      mid_min: low,
      mid_max: high,
      add_a: 0,
      add_b: 0,
      add_fixed: 0,
      sum_element: sumElement,
      sum_min: element === 's16' ? 0 : low,
      sum_max: element === 's16' ? 255 : high,
    },
    [x, folding.weights, folding.bias, folding.multiplier],
    y,
    node.origin,
  );
}

export const foldScales = definePass({
  name: 'fold-scales',
  doc: 'Turns scales into one multiplier per channel and zero points into the bias; proves that no accumulator overflows.',
  requires: [],
  establishes: ['explicit-requantize'],
  drops: [],
  numerics: 'exact',
  run: (graph, cx) => rewriteGraph(graph, [rule('fold', 'conv2d', (node) => folded(node, cx))], cx.hit),
});
