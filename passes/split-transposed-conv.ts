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
 * Exact: the same products, of floats in the same order too. It buys the kernels of conv2d for at most
 * (th * s / kh)^2 of the products; groups and dilations stay what they are.
 *
 * Infinity times the 0 of a tap beyond the kernel would be NaN, so floats whose kernel is no multiple of the stride have a
 * convolution for each phase, of the taps it has, and no product more:
 *
 * AFTER   %1 = conv2d(%0, @v00), %2 = conv2d(%0, @v01), ... : f32[n,qh,qw,oc]    reshape(...) [n,qh,1,qw,1,oc]
 *         concat along dimension 4, those along dimension 2; reshape and slice as above
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

/** The phases that have fewest taps begin no earlier than they can. */
function phasesOf(input: number, kernel: number, stride: number, pad: number, size: number, fewest?: number): Phases {
  const taps = Math.ceil(kernel / stride);
  const first = Math.min(Math.floor(pad / stride), (fewest ?? taps) - 1);
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

/** The taps p, p + s, p + 2s, ... of phase p, from the last to the first. */
function tapsOf(phases: Phases, p: number): readonly number[] {
  return Array.from(
    { length: Math.ceil((phases.kernel - p) / phases.stride) },
    (_, i) => p + i * phases.stride,
  ).reverse();
}

/** Weights [oc,kh,kw,c] -> [oc,rows,cols,c]. */
function tapWeights(w: Const, rows: readonly number[], cols: readonly number[]): Const {
  const { type, data } = w.tensor;
  const [oc, kh, kw, c] = type.shape;
  const shape = [oc, rows.length, cols.length, c];
  const index = new Int32Array(elements(shape));
  let at = 0;
  for (let o = 0; o < oc; o++)
    for (const ky of rows)
      for (const kx of cols) for (let i = 0; i < c; i++) index[at++] = ((o * kh + ky) * kw + kx) * c + i;
  return constant(w.name, { type: { ...type, shape }, data: gatherData(data, index) });
}

/** A convolution for each phase, side by side: [n,qh,sh,qw,sw,oc]. */
function phaseByPhase(node: Node<'conv2d-transpose'>, w: Const, rows: Phases, cols: Phases): Value {
  const { origin, attrs } = node;
  const [x, , bias] = node.operands;
  const y = node.results[0].type;
  const [n, , , oc] = y.shape;
  const along = (axis: number, parts: readonly Value[]) => {
    const shape = parts[0].type.shape.map((d, i) => (i === axis ? parts.length : d));
    return parts.length === 1 ? parts[0] : make('concat', { axis }, parts, { ...y, shape }, origin);
  };
  const one = (py: number, px: number) => {
    const [ty, tx] = [tapsOf(rows, py), tapsOf(cols, px)];
    const conv = make(
      'conv2d',
      {
        strides: [1, 1],
        dilations: [1, 1],
        pads: [rows.before - rows.taps + ty.length, cols.before - cols.taps + tx.length, rows.after, cols.after],
        groups: 1,
        rounding: attrs.rounding,
      },
      [x, tapWeights(w, ty, tx), ...(bias === undefined ? [] : [bias])],
      { ...y, shape: [n, rows.count, cols.count, oc] },
      origin,
    );
    const shape = [n, rows.count, 1, cols.count, 1, oc];
    return make('reshape', { shape }, [conv], { ...y, shape }, origin);
  };
  const phases = (count: number) => Array.from({ length: count }, (_, p) => p);
  const lines = phases(rows.stride).map((py) =>
    along(
      4,
      phases(cols.stride).map((px) => one(py, px)),
    ),
  );
  return along(2, lines);
}

/** [n,qh,qw,sh,sw,oc] -> [n,qh,sh,qw,sw,oc] */
const BESIDE = [0, 1, 3, 2, 4, 5];

/** One convolution for all phases. */
function together(
  node: Node<'conv2d-transpose'>,
  w: Const,
  bias: Const | undefined,
  rows: Phases,
  cols: Phases,
  whole: Shape,
): Value {
  const { attrs, origin } = node;
  const y = node.results[0].type;
  const [sh, sw] = [rows.stride, cols.stride];
  const oc = w.type.shape[0];
  const n = whole[0];
  const shaped = (from: Value, shape: Shape) => make('reshape', { shape }, [from], { ...from.type, shape }, origin);
  const sideBySide = (six: Value) => make('transpose', { perm: BESIDE }, [six], permutedType(six.type, BESIDE), origin);
  const operands = [node.operands[0], phaseWeights(w, rows, cols)];
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
  return sh * sw === 1 ? conv : shaped(sideBySide(shaped(conv, [n, rows.count, cols.count, sh, sw, oc])), whole);
}

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
  const [sh, sw] = attrs.strides;
  const isUneven = x.type.kind === 'float' && (kh % sh !== 0 || kw % sw !== 0);
  // A phase without taps is no convolution.
  if (isUneven && (kh < sh || kw < sw)) return undefined;
  const fewest = (kernel: number, stride: number) => (isUneven ? Math.floor(kernel / stride) : undefined);
  const rows = phasesOf(h, kh, sh, attrs.pads[0], attrs.size[0], fewest(kh, sh));
  const cols = phasesOf(wide, kw, sw, attrs.pads[1], attrs.size[1], fewest(kw, sw));
  const shaped = (from: Value, shape: Shape) => make('reshape', { shape }, [from], { ...from.type, shape }, origin);
  const whole = [n, rows.count * sh, cols.count * sw, oc];
  const image = isUneven
    ? shaped(phaseByPhase(node, w, rows, cols), whole)
    : together(node, w, bias, rows, cols, whole);
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
