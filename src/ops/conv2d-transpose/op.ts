import { defineOp } from '../../ir/op.js';
import { allocateNumbers, f32Data, numberData, type Shape, type Tensor } from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { fma32 } from '../../quant/fma.js';
import { LANES, sumLanes } from '../../quant/lanes.js';
import { requantizer, roundings } from '../../quant/rounding.js';
import { outputChannels, quantSumProblems, roundingProblems } from '../window.js';

interface Geometry {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
  readonly groups: number;
}

/** Calls `visit(xAt, wAt)` for the start of every run of `cg` channels that reaches output (oy, ox, o) of image b. */
function forEachRun(
  g: Geometry,
  x: Shape,
  w: Shape,
  at: { readonly b: number; readonly oy: number; readonly ox: number; readonly o: number },
  visit: (xAt: number, wAt: number) => void,
): void {
  const [, h, wd, c] = x;
  const [oc, kh, kw, cg] = w;
  const first = Math.floor(at.o / (oc / g.groups)) * cg;
  for (let ky = kh - 1; ky >= 0; ky--) {
    const y = at.oy + g.pads[0] - ky * g.dilations[0];
    if (y < 0 || y % g.strides[0] !== 0 || y / g.strides[0] >= h) continue;
    for (let kx = kw - 1; kx >= 0; kx--) {
      const xx = at.ox + g.pads[1] - kx * g.dilations[1];
      if (xx < 0 || xx % g.strides[1] !== 0 || xx / g.strides[1] >= wd) continue;
      const pixel = (at.b * h + y / g.strides[0]) * wd + xx / g.strides[1];
      visit(pixel * c + first, ((at.o * kh + ky) * kw + kx) * cg);
    }
  }
}

/** Transposed 2-D convolution (deconvolution); see `doc`. x [n,h,w,c], w [oc,kh,kw,c/groups], bias [oc]. */
export const conv2dTranspose = defineOp({
  kind: 'conv2d-transpose',
  doc:
    'Transposed two-dimensional convolution: pixel (iy, ix) of x times tap (ky, kx) adds to pixel (iy * sh - pad_top + ky * dh, ' +
    'ix * sw - pad_left + kx * dw) of y, whose size is `size`. Float: dot products in 8 interleaved sums with fma in the order ' +
    'of the pixels (ky and kx from the last down), channel, then bias. Quantized: exact int32 sum of (x - zx)(w - zw) plus bias, scaled and rounded as for conv2d.',
  attrs: { strides: 'ints', dilations: 'ints', pads: 'ints', size: 'ints', groups: 'int', rounding: roundings },
  operands: ['x', 'w', 'bias?'],
  inferShape(a, [x, w, bias]) {
    return [[x.shape[0], a.size[0], a.size[1], outputChannels(a.groups, x, w, bias)]];
  },
  check(a, [x, w, bias], [y]) {
    const problems: string[] = [];
    if (a.strides.length !== 2 || a.dilations.length !== 2 || a.pads.length !== 2 || a.size.length !== 2)
      problems.push('strides, dilations, pads and size have 2 entries');
    if (![...a.strides, ...a.dilations, ...a.size].every((v) => Number.isInteger(v) && v >= 1))
      problems.push('strides, dilations and size are at least 1');
    if (!a.pads.every((v) => Number.isInteger(v) && v >= 0)) problems.push('pads are at least 0');
    const all = bias === undefined ? [x, w, y] : [x, w, bias, y];
    if (x.kind === 'float') return all.every((t) => t.element === 'f32') ? problems : [...problems, 'all are f32'];
    return [...problems, ...quantSumProblems(x, w, bias, y), ...roundingProblems(a.rounding, x, bias, y)];
  },
  evaluate(a, [x, w, bias], [y]) {
    const [n, oh, ow, oc] = y.shape;
    const cg = w.type.shape[3];
    const out = allocateNumbers(y);
    const dot = x.type.kind === 'float' ? floatDot(x, w, cg) : quantDot(x, w, cg);
    let at = 0;
    for (let b = 0; b < n; b++)
      for (let oy = 0; oy < oh; oy++)
        for (let ox = 0; ox < ow; ox++)
          for (let o = 0; o < oc; o++, at++) {
            const acc = dot(o, (visit) => forEachRun(a, x.type.shape, w.type.shape, { b, oy, ox, o }, visit));
            const offset = bias === undefined ? 0 : Number(bias.data[o]);
            if (x.type.kind !== 'quant' || w.type.kind !== 'quant') {
              out[at] = bias === undefined ? acc : Math.fround(acc + offset);
              continue;
            }
            const [sx, sw] = [scaleAt(x.type.affine, 0), scaleAt(w.type.affine, o)];
            const sum = acc + offset;
            if (y.kind === 'float') out[at] = Math.fround(Math.fround(sum) * Math.fround(sx * sw));
            else if (y.kind === 'index' || y.element === 's32') out[at] = sum;
            else {
              const to = { zero: zeroPointAt(y.affine, 0), low: y.range[0], high: y.range[1] };
              out[at] = requantizer(a.rounding, sx, sw, scaleAt(y.affine, 0), to)(sum);
            }
          }
    return [{ type: y, data: out }];
  },
});

type Runs = (visit: (xAt: number, wAt: number) => void) => void;

function floatDot(x: Tensor, w: Tensor, cg: number): (o: number, runs: Runs) => number {
  const [xs, ws] = [f32Data(x), f32Data(w)];
  const lanes = new Float32Array(LANES);
  return (_, runs) => {
    lanes.fill(0);
    runs((xAt, wAt) => {
      for (let i = 0; i < cg; i++) lanes[i % LANES] = fma32(xs[xAt + i], ws[wAt + i], lanes[i % LANES]);
    });
    return sumLanes(lanes);
  };
}

function quantDot(x: Tensor, w: Tensor, cg: number): (o: number, runs: Runs) => number {
  const [xs, ws] = [numberData(x), numberData(w)];
  const [xType, wType] = [x.type, w.type];
  if (xType.kind !== 'quant' || wType.kind !== 'quant') throw new TypeError('quantized only');
  const xZero = zeroPointAt(xType.affine, 0);
  return (o, runs) => {
    const wZero = zeroPointAt(wType.affine, o);
    let sum = 0;
    runs((xAt, wAt) => {
      for (let i = 0; i < cg; i++) sum += (xs[xAt + i] - xZero) * (ws[wAt + i] - wZero);
    });
    return sum;
  };
}
