/** Geometry shared by convolutions and pools. NHWC; pads are [top, left, bottom, right]. */
import { ShapeError } from '../ir/op.js';
import {
  allocateNumbers,
  isByte,
  isPlainByte,
  type NumberData,
  numberData,
  type QuantType,
  type Shape,
  type Tensor,
  type TensorType,
} from '../ir/type.js';
import type { Rounding } from '../quant/rounding.js';

export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
}

/** Output extent along one axis; throws when the window does not fit the padded input once. */
export function outputExtent(
  input: number,
  kernel: number,
  stride: number,
  dilation: number,
  before: number,
  after: number,
): number {
  const span = dilation * (kernel - 1) + 1;
  const room = input + before + after - span;
  if (room < 0) throw new ShapeError(`a window of ${span} does not fit into ${input} + pads ${before}, ${after}`);
  return Math.floor(room / stride) + 1;
}

/** [oh, ow] of a window sliding over an [n,h,w,c] input. */
export function outputSize(x: Shape, window: Window): [number, number] {
  const [, h, w] = x;
  const { kernel, strides, dilations, pads } = window;
  return [
    outputExtent(h, kernel[0], strides[0], dilations[0], pads[0], pads[2]),
    outputExtent(w, kernel[1], strides[1], dilations[1], pads[1], pads[3]),
  ];
}

/**
 * The parameters that all kernels have whose window slides over an image: x [n,h,w,c], y [n,oh,ow,..]. `channels`: what they
 * say of y's channels, if anything.
 */
export function windowParams(
  window: Window,
  x: Shape,
  y: Shape,
  channels: Readonly<Record<string, number>> = {},
): Record<string, number> {
  const [n, h, w, c] = x;
  return {
    n,
    h,
    w,
    c,
    oh: y[1],
    ow: y[2],
    ...channels,
    kh: window.kernel[0],
    kw: window.kernel[1],
    sh: window.strides[0],
    sw: window.strides[1],
    dh: window.dilations[0],
    dw: window.dilations[1],
    pad_top: window.pads[0],
    pad_left: window.pads[1],
  };
}

/** Pools take float32 to float32, or 8 stored bits to 8. Float16 is held as float32. */
export function poolTypeProblems(x: TensorType, y: TensorType): string[] {
  const isFloat = (type: TensorType): boolean => type.kind === 'float' && type.element !== 'f64';
  return (isFloat(x) && isFloat(y)) || (isByte(x) && isByte(y))
    ? []
    : ['x and y are both float32, or both quantized to 8 bits'];
}

/** Whether a sum of stored products can become this: float32, the sum itself, 8 bits, or int16 without a zero point. */
export function isSumType(type: TensorType): boolean {
  return isByte(type) || isWide(type) || type.element === 's32' || type.element === 'f32';
}

/** Whether these are 8-bit tensors quantized per tensor. */
export function arePlainBytes(types: readonly TensorType[]): types is readonly QuantType[] {
  return types.every(isPlainByte);
}

/** 8 bits quantized per tensor, or s16 without a zero point. */
export function isStoredType(type: TensorType): type is QuantType {
  return isWide(type) || isPlainByte(type);
}

/** Whether all of these are. */
export function areStored(types: readonly TensorType[]): types is readonly QuantType[] {
  return types.every(isStoredType);
}

/** Problems of the types of a convolution on stored values: x and w quantized, y what their sums become. */
export function quantSumProblems(
  x: TensorType,
  w: TensorType,
  bias: TensorType | undefined,
  y: TensorType,
): readonly string[] {
  if (x.kind !== 'quant' || w.kind !== 'quant') return ['x and w are both float or both quantized'];
  if (x.element === 's16') return wideSumProblems(x, w, bias, y);
  const problems: string[] = [];
  if (!isByte(x)) problems.push('a quantized x has 8 bits');
  if (x.affine.per !== 'tensor') problems.push('x is quantized per tensor');
  if (w.affine.per === 'block' || (w.affine.per === 'axis' && w.affine.axis !== 0))
    problems.push('w is quantized per tensor or along axis 0');
  if (bias !== undefined && bias.element !== 's32') problems.push('bias is s32');
  if (!isSumType(y)) problems.push('y is f32, s32, s16 without a zero point, or has 8 bits');
  if (y.kind === 'quant' && y.element !== 's32' && y.affine.per !== 'tensor')
    problems.push('y is quantized per tensor');
  return problems;
}

/** int16 tensors quantized per tensor with zero point 0: TFLite's 16x8 activations. */
export function isWide(type: TensorType): type is QuantType {
  return type.kind === 'quant' && type.element === 's16' && type.affine.per === 'tensor' && type.affine.zeroPoint === 0;
}

/** Problems of the types of a convolution of int16 activations. */
function wideSumProblems(x: QuantType, w: QuantType, bias: TensorType | undefined, y: TensorType): readonly string[] {
  const problems: string[] = [];
  if (!isWide(x)) problems.push('an s16 x is quantized per tensor with zero point 0');
  if (!isSumType(y) || y.element === 's32')
    problems.push('y of an s16 x is f32, s16 without a zero point, or has 8 bits');
  const isSymmetric = w.affine.per === 'tensor' ? w.affine.zeroPoint === 0 : w.affine.zeroPoints.every((z) => z === 0);
  if (w.element !== 's8' || !isSymmetric || w.affine.per === 'block')
    problems.push('w of an s16 x is s8 without zero points');
  if (w.affine.per === 'axis' && w.affine.axis !== 0) problems.push('w is quantized per tensor or along axis 0');
  if (bias !== undefined && bias.element !== 's32' && bias.element !== 's64') problems.push('bias is s32 or s64');
  return problems;
}

/** Problems of the rounding rule of a convolution of quantized activations. */
export function roundingProblems(
  rounding: Rounding,
  x: TensorType,
  bias: TensorType | undefined,
  y: TensorType,
): readonly string[] {
  if (rounding === 'onnx')
    return x.element === 's16' && bias?.element === 's64' ? ['the rule onnx has 32-bit sums'] : [];
  if ((x.element === 's16') !== (y.element === 's16')) return [`${rounding} keeps the number of bits`];
  if (x.element !== 's16') return rounding === 'tflite-wide' ? ['tflite-wide is for s16 activations'] : [];
  return rounding === 'tflite-double' && bias?.element === 's64' ? ['tflite-double has 32-bit sums'] : [];
}

/** The output channels of a convolution, transposed or not: x [n,h,w,c], w [oc,kh,kw,c/groups], bias [oc] fit each other, or a ShapeError says why not. */
export function outputChannels(
  groups: number,
  x: { readonly shape: Shape },
  w: { readonly shape: Shape },
  bias: { readonly shape: Shape } | undefined,
): number {
  if (x.shape.length !== 4 || w.shape.length !== 4) throw new ShapeError('x and w have 4 dimensions');
  const [oc, , , cg] = w.shape;
  if (x.shape[3] !== cg * groups)
    throw new ShapeError(`x has ${x.shape[3]} channels, w wants ${cg} in each of ${groups} groups`);
  if (oc % groups !== 0) throw new ShapeError(`${oc} output channels do not divide into ${groups} groups`);
  if (bias !== undefined && (bias.shape.length !== 1 || bias.shape[0] !== oc))
    throw new ShapeError(`bias is [${bias.shape}], expected [${oc}]`);
  return oc;
}

/** Problems of window attributes that no shape can repair. */
export function windowProblems(window: Window): string[] {
  const problems: string[] = [];
  const { kernel, strides, dilations, pads } = window;
  if (kernel.length !== 2 || strides.length !== 2 || dilations.length !== 2 || pads.length !== 4)
    return ['kernel, strides and dilations have 2 entries, pads 4'];
  if (![...kernel, ...strides, ...dilations].every((v) => Number.isInteger(v) && v >= 1))
    problems.push('kernel, strides and dilations are at least 1');
  if (!pads.every((v) => Number.isInteger(v) && v >= 0)) problems.push('pads are at least 0');
  return problems;
}

/** Calls `visit(inputY, inputX, ky, kx)` for every window position that lies inside the image. */
export function forEachTap(
  h: number,
  w: number,
  oy: number,
  ox: number,
  window: Window,
  visit: (iy: number, ix: number, ky: number, kx: number) => void,
): void {
  const { kernel, strides, dilations, pads } = window;
  for (let ky = 0; ky < kernel[0]; ky++) {
    const iy = oy * strides[0] - pads[0] + ky * dilations[0];
    if (iy < 0 || iy >= h) continue;
    for (let kx = 0; kx < kernel[1]; kx++) {
      const ix = ox * strides[1] - pads[1] + kx * dilations[1];
      if (ix >= 0 && ix < w) visit(iy, ix, ky, kx);
    }
  }
}

/**
 * The data of a pool's result of type `y`: `value` of what lies under the window of each element of y, inside of `x`, in window
 * order. x and y are NHWC.
 */
export function pooled(
  window: Window,
  x: Tensor,
  y: TensorType,
  value: (taps: readonly number[]) => number,
): NumberData {
  const [n, oh, ow, c] = y.shape;
  const [, h, w] = x.type.shape;
  const xs = numberData(x);
  const out = allocateNumbers(y);
  let at = 0;
  for (let b = 0; b < n; b++)
    for (let oy = 0; oy < oh; oy++)
      for (let ox = 0; ox < ow; ox++)
        for (let i = 0; i < c; i++, at++) {
          const taps: number[] = [];
          forEachTap(h, w, oy, ox, window, (iy, ix) => taps.push(xs[((b * h + iy) * w + ix) * c + i]));
          out[at] = value(taps);
        }
  return out;
}
