import { defineOp } from '../../ir/op.js';
import {
  allocateNumbers,
  elements,
  f32Data,
  numberData,
  type QuantType,
  type Tensor,
  type TensorType,
} from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { fma32 } from '../../quant/fma.js';
import { sumLanes } from '../../quant/lanes.js';
import { type Rounding, requantizer, roundings } from '../../quant/rounding.js';
import {
  forEachTap,
  outputChannels,
  outputSize,
  quantSumProblems,
  roundingProblems,
  type Window,
  windowProblems,
} from '../window.js';

const attrs = {
  strides: 'ints',
  dilations: 'ints',
  pads: 'ints',
  groups: 'int',
  rounding: roundings,
} as const;

/** 2-D convolution over NHWC; see `doc`. x [n,h,w,c], w [oc,kh,kw,c/groups], bias [oc]. */
export const conv2d = defineOp({
  kind: 'conv2d',
  doc:
    'Two-dimensional convolution (any stride, dilation, padding, groups). ' +
    'Float: dot products in 8 interleaved sums with fma, then bias. ' +
    'Quantized: exact int32 sum of (x - zx)(w - zw) plus bias, then y = saturate(rne(f32(acc) * m) + zy) with ' +
    'm = f32(f32(sx*sw)/sy) for a quantized result, f32(acc) * f32(sx*sw) for a float one, acc for an s32 one. ' +
    "`rounding` names the rule of a quantized result: tflite-double is TFLite's fixed-point multiplier with two roundings, " +
    'tflite-single f64(acc) * sx*sw/sy to nearest, ties away from zero. Of s16 activations the sum is exact in 64 bits (onnx: 32), and tflite-wide ' +
    'scales it by 15 bits of the multiplier, ties up.',
  attrs,
  operands: ['x', 'w', 'bias?'],
  inferShape(a, [x, w, bias]) {
    const oc = outputChannels(a.groups, x, w, bias);
    const [oh, ow] = outputSize(x.shape, windowOf(a, w.shape));
    return [[x.shape[0], oh, ow, oc]];
  },
  check(a, [x, w, bias], [y]) {
    const problems = windowProblems(windowOf(a, w.shape));
    if (x.kind === 'float') {
      if (w.kind !== 'float' || y.kind !== 'float' || (bias !== undefined && bias.kind !== 'float'))
        problems.push('a float x needs float w, bias and y');
      if ([x, w, bias, y].some((t) => t?.element === 'f64')) problems.push('float64 is not computed');
      return problems;
    }
    return [...problems, ...quantSumProblems(x, w, bias, y), ...roundingProblems(a.rounding, x, bias, y)];
  },
  evaluate(a, [x, w, bias], [y]) {
    const window = windowOf(a, w.type.shape);
    return [
      x.type.kind === 'quant' && w.type.kind === 'quant'
        ? evaluateQuant(window, a, x, x.type, w, w.type, bias, y)
        : evaluateFloat(window, a.groups, x, w, bias, y),
    ];
  },
});

function windowOf(
  a: { strides: readonly number[]; dilations: readonly number[]; pads: readonly number[] },
  w: readonly number[],
): Window {
  return { kernel: [w[1], w[2]], strides: a.strides, dilations: a.dilations, pads: a.pads };
}

/** Exact int32 accumulators of a quantized convolution, bias included, row-major [n,oh,ow,oc]. */
export function accumulate(
  window: Window,
  groups: number,
  x: Tensor,
  xZero: number,
  w: Tensor,
  wZero: (o: number) => number,
  bias: ArrayLike<number | bigint> | undefined,
  outShape: readonly number[],
): Float64Array {
  const [n, oh, ow, oc] = outShape;
  const [, h, wd, c] = x.type.shape;
  const [, kh, kw, cg] = w.type.shape;
  const xs = numberData(x);
  const ws = numberData(w);
  const acc = new Float64Array(elements(outShape));
  const perGroup = oc / groups;
  let at = 0;
  for (let b = 0; b < n; b++)
    for (let oy = 0; oy < oh; oy++)
      for (let ox = 0; ox < ow; ox++)
        for (let o = 0; o < oc; o++, at++) {
          const zero = wZero(o);
          const first = Math.floor(o / perGroup) * cg;
          let sum = bias === undefined ? 0 : Number(bias[o]);
          forEachTap(h, wd, oy, ox, window, (iy, ix, ky, kx) => {
            const xAt = ((b * h + iy) * wd + ix) * c + first;
            const wAt = ((o * kh + ky) * kw + kx) * cg;
            for (let i = 0; i < cg; i++) sum += (xs[xAt + i] - xZero) * (ws[wAt + i] - zero);
          });
          acc[at] = sum;
        }
  return acc;
}

function evaluateQuant(
  window: Window,
  { groups, rounding }: { readonly groups: number; readonly rounding: Rounding },
  x: Tensor,
  xType: QuantType,
  w: Tensor,
  wType: QuantType,
  bias: Tensor | undefined,
  y: TensorType,
): Tensor {
  const acc = accumulate(
    window,
    groups,
    x,
    zeroPointAt(xType.affine, 0),
    w,
    (o) => zeroPointAt(wType.affine, o),
    bias?.data,
    y.shape,
  );
  const oc = y.shape[3];
  const out = allocateNumbers(y);
  const xScale = scaleAt(xType.affine, 0);
  if (y.kind === 'float') {
    for (let i = 0; i < acc.length; i++)
      out[i] = Math.fround(Math.fround(acc[i]) * Math.fround(xScale * scaleAt(wType.affine, i % oc)));
    return { type: y, data: out };
  }
  if (y.kind === 'index' || y.element === 's32') {
    for (let i = 0; i < acc.length; i++) out[i] = acc[i];
    return { type: y, data: out };
  }
  const to = { zero: zeroPointAt(y.affine, 0), low: y.range[0], high: y.range[1] };
  const store = Array.from({ length: oc }, (_, o) =>
    requantizer(rounding, xScale, scaleAt(wType.affine, o), scaleAt(y.affine, 0), to),
  );
  for (let i = 0; i < acc.length; i++) out[i] = store[i % oc](acc[i]);
  return { type: y, data: out };
}

function evaluateFloat(
  window: Window,
  groups: number,
  x: Tensor,
  w: Tensor,
  bias: Tensor | undefined,
  y: TensorType,
): Tensor {
  const [n, oh, ow, oc] = y.shape;
  const [, h, wd, c] = x.type.shape;
  const [, kh, kw, cg] = w.type.shape;
  const xs = f32Data(x);
  const ws = f32Data(w);
  const out = new Float32Array(elements(y.shape));
  const perGroup = oc / groups;
  const lanes = new Float32Array(8);
  let at = 0;
  for (let b = 0; b < n; b++)
    for (let oy = 0; oy < oh; oy++)
      for (let ox = 0; ox < ow; ox++)
        for (let o = 0; o < oc; o++, at++) {
          const first = Math.floor(o / perGroup) * cg;
          lanes.fill(0);
          forEachTap(h, wd, oy, ox, window, (iy, ix, ky, kx) => {
            const xAt = ((b * h + iy) * wd + ix) * c + first;
            const wAt = ((o * kh + ky) * kw + kx) * cg;
            for (let i = 0; i < cg; i++) lanes[i & 7] = fma32(xs[xAt + i], ws[wAt + i], lanes[i & 7]);
          });
          const sum = sumLanes(lanes);
          out[at] = bias === undefined ? sum : Math.fround(sum + f32Data(bias)[o]);
        }
  return { type: y, data: out };
}
