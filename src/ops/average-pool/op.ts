import { defineOp } from '../../ir/op.js';
import type { QuantType, Shape, Tensor } from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { dequantizeValue, requantize, roundWithZero } from '../../quant/requantize.js';
import { areStored, isWide, outputSize, pooled, poolTypeProblems, type Window, windowProblems } from '../window.js';

interface Attrs extends Window {
  readonly count_include_pad: boolean;
}

/** Mean over a sliding window, NHWC. */
export const averagePool = defineOp({
  kind: 'average-pool',
  doc:
    'Mean over a sliding window of an NHWC tensor; k counts the positions inside the image. Float: sum in window order, ' +
    'divided by k. Quantized, ONNX Runtime x86 formulas: a window that is the whole image, s = sum (x - zx) exactly, ' +
    'y = clamp(rne(f32(f32(s) * f32(sx / f32(sy * k)))) + zy); any other, s = float32 sum of f32((x - zx) * sx) in window ' +
    'order, y = clamp(rne(f32(f32(f32(s / k) / sy) + zy))), the zero point inside the rounding, which is that of u8 ' +
    '(y + 128) for s8 too. Of an s16 x without a zero point, any window: the formula of the whole image, y s16 or 8 bits.',
  attrs: { kernel: 'ints', strides: 'ints', dilations: 'ints', pads: 'ints', count_include_pad: 'bool' },
  operands: ['x'],
  inferShape(a, [x]) {
    const [oh, ow] = outputSize(x.shape, a);
    return [[x.shape[0], oh, ow, x.shape[3]]];
  },
  check: (a, [x], [y]) => {
    const taps = a.kernel[0] * a.kernel[1];
    if (!isWide(x)) return [...windowProblems(a), ...poolTypeProblems(x, y)];
    const types = areStored([y]) ? [] : ['y of an s16 x is s16 without a zero point, or has 8 bits'];
    return [...windowProblems(a), ...types, ...(taps < 65536 ? [] : ['a window of s16 has at most 65535 taps'])];
  },
  bounds: (a, [x]) => (a.count_include_pad ? { min: Math.min(0, x.min), max: Math.max(0, x.max) } : x),
  evaluate(a, [x], [y]) {
    if (x.type.kind === 'quant' && y.kind === 'quant')
      return [
        x.type.element === 's16' || isWholeImage(a, x.type.shape)
          ? wholeImage(a, x, x.type, y)
          : anyWindow(a, x, x.type, y),
      ];
    const data = pooled(a, x, y, (taps) => taps.reduce((s, v) => Math.fround(s + v), 0) / countOf(a, taps));
    return [{ type: y, data }];
  },
});

/** f32(sx / f32(sy * k)) */
export function averageMultiplier(sx: number, sy: number, count: number): number {
  return Math.fround(sx / Math.fround(sy * count));
}

/** The window is the image: ONNX Runtime then computes a global average, by another formula. */
export function isWholeImage(window: Window, x: Shape): boolean {
  return window.kernel[0] === x[1] && window.kernel[1] === x[2] && window.pads.every((p) => p === 0);
}

function countOf(a: Attrs, taps: readonly number[]): number {
  return a.count_include_pad ? a.kernel[0] * a.kernel[1] : taps.length;
}

function wholeImage(a: Attrs, x: Tensor, xType: QuantType, y: QuantType): Tensor {
  const zero = zeroPointAt(xType.affine, 0);
  const data = pooled(a, x, y, (taps) => {
    const sum = taps.reduce((s, v) => s + v - zero, 0);
    const m = averageMultiplier(
      scaleAt(xType.affine, 0),
      scaleAt(y.affine, 0),
      xType.element === 's16' ? countOf(a, taps) : taps.length,
    );
    return requantize(sum, m, zeroPointAt(y.affine, 0), y.range[0], y.range[1]);
  });
  return { type: y, data };
}

function anyWindow(a: Attrs, x: Tensor, xType: QuantType, y: QuantType): Tensor {
  const [sx, zx] = [scaleAt(xType.affine, 0), zeroPointAt(xType.affine, 0)];
  const [sy, zy] = [scaleAt(y.affine, 0), zeroPointAt(y.affine, 0)];
  const data = pooled(a, x, y, (taps) => {
    const sum = taps.reduce((s, v) => Math.fround(s + dequantizeValue(v, sx, zx)), 0);
    const scaled = Math.fround(Math.fround(sum / countOf(a, taps)) / sy);
    return roundWithZero(scaled, zy, y.range[0], y.range[1], y.element === 's8');
  });
  return { type: y, data };
}
