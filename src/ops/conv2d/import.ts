import { constant } from '../../ir/build.js';
import type { Value } from '../../ir/graph.js';
import { elements, floatType, indexType, quantType, type Shape, type TensorType, unitAffine } from '../../ir/type.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';
import { ones, recentred, weightSums } from '../dynamic-import.js';
import { reshaped, toNchw, toNhwc } from '../layout.js';
import { unitScales } from '../quantized-import.js';
import { spatialAttributes } from '../spatial.js';
import { volumeConvolution } from '../volume.js';

/**
 * x in ONNX layout (N C spatial...), w (O C/g spatial...) -> NHWC convolution -> ONNX layout.
 * One spatial dimension is a convolution of height 1, three are one of images side by side.
 */
export function convolution(
  cx: ImportContext,
  x: Value,
  w: Value,
  bias: Value | undefined,
  result: (shape: Shape) => TensorType,
): Value {
  const rank = w.type.shape.length;
  if (x.type.shape.length !== rank || rank < 3 || rank > 5)
    cx.fail('Q0215', `x has ${x.type.shape.length} dimensions and w ${rank}; 1-D to 3-D convolutions are supported`);
  if (rank === 5) return volumeConvolution(cx, x, w, bias, result);
  const groups = cx.attrs.int('group', 1);
  const window = spatialAttributes(cx, x.type.shape.slice(2), w.type.shape.slice(2));
  const attrs = {
    strides: window.strides,
    dilations: window.dilations,
    pads: window.pads,
    groups,
    rounding: cx.rounding === 'tflite' ? ('tflite-double' as const) : ('onnx' as const),
  };
  const nhwc = toNhwc(cx, x);
  const weights = toNhwc(cx, w);
  const operands = bias === undefined ? [nhwc, weights] : [nhwc, weights, bias];
  const y = cx.make('conv2d', attrs, operands, result([]));
  return toNchw(cx, y, rank);
}

/** sum (x - x_zero)(w - w_zero), the zero point of x perhaps known at run time only. */
function convInteger(cx: ImportContext): Value {
  const zero = cx.optional(2);
  const s32 = (shape: Shape) => indexType('s32', shape);
  const w = cx.asQuant(cx.input(1), unitScales(cx, cx.input(1).type.shape, 3, 0));
  if (zero === undefined || zero.kind === 'const') {
    const x = cx.asQuant(cx.input(0), unitScales(cx, cx.input(0).type.shape, 2, 1));
    return convolution(cx, x, w, undefined, s32);
  }
  const acc = convolution(cx, cx.asQuant(cx.input(0), unitAffine), w, undefined, s32);
  const isPadded = cx.attrs.ints('pads', []).some((p) => p > 0) || cx.attrs.string('auto_pad', 'NOTSET') !== 'NOTSET';
  if (isPadded) {
    // Each position lacks the weights that fall outside the image, where x - x_zero is 0.
    const image = constant('ones', ones([1, ...cx.input(0).type.shape.slice(1)]));
    return recentred(cx, acc, zero, convolution(cx, image, w, undefined, s32));
  }
  const sums = weightSums(cx, w, 1, [0]);
  const spatial = acc.type.shape.slice(2).map(() => 1);
  return recentred(cx, acc, zero, reshaped(cx, sums, [elements(sums.type.shape), ...spatial]));
}

export const importers: Importers = {
  Conv(cx) {
    return convolution(cx, cx.input(0), cx.input(1), cx.optional(2), floatType);
  },
  QLinearConv(cx) {
    const x = cx.asQuant(cx.input(0), cx.affine(cx.input(0).type.shape, 1, 2, 1));
    const w = cx.asQuant(cx.input(3), cx.affine(cx.input(3).type.shape, 4, 5, 0));
    const y = cx.affine([], 6, 7, 0);
    const element = cx.optional(7)?.type.element === 's8' ? 's8' : 'u8';
    return convolution(cx, x, w, cx.optional(8), (shape) => quantType(element, shape, y));
  },
  ConvInteger: convInteger,
};
