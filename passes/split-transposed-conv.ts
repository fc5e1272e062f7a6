/**
 * split-transposed-conv: a transposed convolution is one convolution that computes all pixels of a stride at once, as
 * channels, which a transpose then puts side by side.
 *
 * BEFORE  %1 = conv2d-transpose(%0: s8[n,h,w,c], @w: s8[oc,kh,kw,c]) {strides [sh,sw], pads [pt,pl], size [oh,ow]}
 * AFTER   %1 = conv2d(%0, @v: s8[sh*sw*oc,th,tw,c])                  th = ceil(kh / sh), tw likewise
 *         %2 = reshape(%1) [n,qh,qw,sh,sw,oc]; %3 = transpose(%2) [0,1,3,2,4,5]; %4 = reshape(%3) [n,qh*sh,qw*sw,oc]
 *         %5 = slice(%4) [n,oh,ow,oc]                                from row pt - sh * (first q)
 *
 * Pixel Y = q * s + p of the full result takes the taps p, p + s, p + 2s, ... of the pixels q, q - 1, q - 2, ... of x: for
 * each p an ordinary convolution of stride 1. Taps beyond the kernel hold the weights' zero point, which adds nothing.
 * Exact: the same products, of floats in the same order too; floats only where no tap lies beyond the kernel, as infinity
 * times its 0 would be NaN. It buys the kernels of conv2d for at most
 * (th * s / kh)^2 of the products; groups and dilations stay what they are.
 */

import { constant, make } from '../src/ir/build.js';
import type { Const, Node, Value } from '../src/ir/graph.js';
import { definePass } from '../src/ir/pass.js';
import { rewriteGraph, rule } from '../src/ir/rewrite.js';
import {
  type Affine,
  allocateNumbers,
  elements,
  gatherData,
  numberData,
  type Shape,
  sameShape,
  type TensorType,
} from '../src/ir/type.js';
import { permutedType } from '../src/ops/permute.js';
import { perAxis, zeroPointAt } from '../src/quant/affine.js';

/** One dimension: `taps` of x for each of `stride` phases, the first place q that is computed, and where its window starts. */
interface Phases {
  readonly stride: number;
  readonly kernel: number;
  readonly taps: number;
  readonly first: number;
  readonly before: number;
  readonly after: number;
  readonly count: number;
  /** Rows of the full result of the places that precede the output. */
  readonly skip: number;
}

function phasesOf(input: number, kernel: number, stride: number, pad: number, size: number): Phases {
  const taps = Math.ceil(kernel / stride);
  const first = Math.min(Math.floor(pad / stride), taps - 1);
  const last = Math.floor((pad + size - 1) / stride);
  const before = taps - 1 - first;
  const after = Math.max(0, last - (input - 1));
  return {
    stride,
    kernel,
    taps,
    first,
    before,
    after,
    count: input + before + after - taps + 1,
    skip: pad - first * stride,
  };
}

/** Weights [oc,kh,kw,c] -> [sh*sw*oc, th, tw, c]: phase (py, px) reads tap (py + (th-1-y) * sh, ...) at place (y, x). */
function phaseWeights(w: Const, rows: Phases, cols: Phases): Const {
  const { type } = w.tensor;
  const [oc, kh, kw, c] = type.shape;
  const phases = rows.stride * cols.stride;
  const shape = [phases * oc, rows.taps, cols.taps, c];
  const split =
    type.kind === 'quant' ? { ...type, shape, affine: forEachPhase(type.affine, phases) } : { ...type, shape };
  const from = numberData(w.tensor);
  const data = allocateNumbers(split);
  let at = 0;
  for (let py = 0; py < rows.stride; py++)
    for (let px = 0; px < cols.stride; px++)
      for (let o = 0; o < oc; o++)
        for (let y = rows.taps - 1; y >= 0; y--)
          for (let x = cols.taps - 1; x >= 0; x--) {
            const [ky, kx] = [py + y * rows.stride, px + x * cols.stride];
            const isTap = ky < kh && kx < kw;
            for (let i = 0; i < c; i++) data[at++] = isTap ? from[((o * kh + ky) * kw + kx) * c + i] : zeroOf(type, o);
          }
  return constant(w.name, { type: split, data });
}

function zeroOf(type: TensorType, channel: number): number {
  return type.kind === 'quant' ? zeroPointAt(type.affine, channel) : 0;
}

/** The affine of the same channels once for each phase. */
function forEachPhase(affine: Affine, phases: number): Affine {
  if (affine.per === 'tensor') return affine;
  const { scales, zeroPoints } = affine;
  const repeated = (list: ArrayLike<number>) =>
    Array.from({ length: phases * list.length }, (_, i) => list[i % list.length]);
  return perAxis(0, repeated(scales), repeated(zeroPoints));
}

function phaseBias(bias: Const, phases: number): Const {
  const { type } = bias.tensor;
  const shape = [phases * type.shape[0]];
  const all =
    type.kind === 'quant' ? { ...type, shape, affine: forEachPhase(type.affine, phases) } : { ...type, shape };
  const index = Int32Array.from({ length: shape[0] }, (_, i) => i % type.shape[0]);
  return constant(bias.name, { type: all, data: gatherData(bias.tensor.data, index) });
}

/** [n,qh,qw,sh,sw,oc] -> [n,qh,sh,qw,sw,oc] */
const BESIDE = [0, 1, 3, 2, 4, 5];

function split(node: Node<'conv2d-transpose'>): Value | undefined {
  const { attrs, origin } = node;
  const [x, w, bias] = node.operands;
  const y = node.results[0].type;
  if (attrs.groups !== 1 || attrs.dilations.some((d) => d !== 1)) return undefined;
  if (w.kind !== 'const' || x.type.kind !== w.type.kind || (x.type.kind !== 'quant' && x.type.element !== 'f32'))
    return undefined;
  if (bias !== undefined && bias.kind !== 'const') return undefined;
  if (elements(x.type.shape) === 0) return undefined;
  const [n, h, wide] = x.type.shape;
  const [oc, kh, kw] = w.type.shape;
  const rows = phasesOf(h, kh, attrs.strides[0], attrs.pads[0], attrs.size[0]);
  const cols = phasesOf(wide, kw, attrs.strides[1], attrs.pads[1], attrs.size[1]);
  const [sh, sw] = [rows.stride, cols.stride];
  if (x.type.kind === 'float' && (kh % sh !== 0 || kw % sw !== 0)) return undefined;
  const shaped = (from: Value, shape: Shape) => make('reshape', { shape }, [from], { ...from.type, shape }, origin);
  const whole = [n, rows.count * sh, cols.count * sw, oc];
  const sideBySide = (six: Value) => make('transpose', { perm: BESIDE }, [six], permutedType(six.type, BESIDE), origin);
  const operands = [x, phaseWeights(w, rows, cols)];
  const conv = make(
    'conv2d',
    {
      strides: [1, 1],
      dilations: [1, 1],
      pads: [rows.before, cols.before, rows.after, cols.after],
      groups: 1,
      rounding: attrs.rounding,
    },
    bias === undefined ? operands : [...operands, phaseBias(bias, sh * sw)],
    { ...y, shape: [n, rows.count, cols.count, sh * sw * oc] },
    origin,
  );
  const image = sh * sw === 1 ? conv : shaped(sideBySide(shaped(conv, [n, rows.count, cols.count, sh, sw, oc])), whole);
  if (sameShape(image.type.shape, y.shape)) return image;
  const starts = [0, rows.skip, cols.skip, 0];
  return make('slice', { starts, steps: [1, 1, 1, 1], sizes: y.shape }, [image], y, origin);
}

export const splitTransposedConv = definePass({
  name: 'split-transposed-conv',
  doc: 'Makes transposed convolutions ordinary ones, the pixels of a stride as channels.',
  requires: [],
  establishes: [],
  drops: [],
  numerics: 'exact',
  run: (graph, cx) => rewriteGraph(graph, [rule('transposed convolution', 'conv2d-transpose', split)], cx.hit),
});
