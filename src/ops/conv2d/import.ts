import type { Value } from '../../ir/graph.js';
import { floatType, indexType, quantType, type Shape, type TensorType } from '../../ir/type.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';
import { toNchw, toNhwc } from '../layout.js';
import { spatialAttributes } from '../spatial.js';

/**
 * x in ONNX layout (N C spatial...), w (O C/g spatial...) -> NHWC convolution -> ONNX layout.
 * One spatial dimension is a convolution of height 1.
 */
export function convolution(
  cx: ImportContext,
  x: Value,
  w: Value,
  bias: Value | undefined,
  result: (shape: Shape) => TensorType,
): Value {
  const rank = w.type.shape.length;
  if (x.type.shape.length !== rank || rank < 3 || rank > 4)
    cx.fail('Q0215', `x has ${x.type.shape.length} dimensions and w ${rank}; 1-D and 2-D convolutions are supported`);
  const groups = cx.attrs.int('group', 1);
  const window = spatialAttributes(cx, x.type.shape.slice(2), w.type.shape.slice(2));
  const attrs = {
    strides: window.strides,
    dilations: window.dilations,
    pads: window.pads,
    groups,
    rounding: cx.rounding,
  };
  const nhwc = toNhwc(cx, x);
  const weights = toNhwc(cx, w);
  const operands = bias === undefined ? [nhwc, weights] : [nhwc, weights, bias];
  const y = cx.make('conv2d', attrs, operands, result([]));
  return toNchw(cx, y, rank);
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
  ConvInteger(cx) {
    const one = { per: 'tensor', scale: 1 } as const;
    const xZero = cx.optional(2) === undefined ? 0 : cx.constantScalar(2);
    const wZero = cx.optional(3) === undefined ? 0 : cx.constantScalar(3);
    const x = cx.asQuant(cx.input(0), { ...one, zeroPoint: xZero });
    const w = cx.asQuant(cx.input(1), { ...one, zeroPoint: wZero });
    return convolution(cx, x, w, undefined, (shape) => indexType('s32', shape));
  },
};
