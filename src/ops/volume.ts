/**
 * Windows over three spatial dimensions, made of windows over two: a convolution's taps in depth become channels of a
 * two-dimensional one, whose images are the depths of the result; a pool is one over rows and columns, then one over depths.
 */
import type { Value } from '../ir/graph.js';
import type { Shape, TensorType } from '../ir/type.js';
import type { ImportContext } from '../onnx/importer.js';
import { reshaped, transposed } from './layout.js';
import { explicitPads, type Spatial, windowAttributes } from './spatial.js';

export interface Volume {
  /** Over rows that are depths; one column. */
  readonly depth: Spatial;
  readonly plane: Spatial;
}

/** The attributes of a window over `input`, [depth, height, width]. */
export function volumeAttributes(
  cx: ImportContext,
  input: readonly number[],
  kernelFromWeights?: readonly number[],
): Volume {
  const { autoPad, ...window } = windowAttributes(cx, input, kernelFromWeights);
  const { kernel, strides, dilations } = window;
  const pads = explicitPads(autoPad, window.pads, input, kernel, strides, dilations);
  return {
    depth: {
      kernel: [kernel[0], 1],
      strides: [strides[0], 1],
      dilations: [dilations[0], 1],
      pads: [pads[0], 0, pads[3], 0],
    },
    plane: {
      kernel: kernel.slice(1),
      strides: strides.slice(1),
      dilations: dilations.slice(1),
      pads: [pads[1], pads[2], pads[4], pads[5]],
    },
  };
}

/** [n, c, depth, h, w] -> [n, depth, h, w, c]. */
export function toDepthLast(cx: ImportContext, x: Value): Value {
  return transposed(cx, x, [0, 2, 3, 4, 1]);
}

/** [n * depth, h, w, c] -> [n, c, depth, h, w]. */
export function fromPlanes(cx: ImportContext, y: Value, n: number): Value {
  const [images, h, w, c] = y.type.shape;
  return transposed(cx, reshaped(cx, y, [n, images / n, h, w, c]), [0, 4, 1, 2, 3]);
}

/**
 * The depths that each depth of the result sees, side by side as channels of each group: x [n, depth, h, w, c] ->
 * [n * depth of the result, h, w, kernel * c]. Outside of the image lie zeros.
 */
export function depthsAsChannels(cx: ImportContext, x: Value, depth: Spatial, groups: number): Value {
  const [n, d, h, w, c] = x.type.shape;
  const [kernel] = depth.kernel;
  const [stride] = depth.strides;
  const [dilation] = depth.dilations;
  const [before, , after] = depth.pads;
  const span = dilation * (kernel - 1) + 1;
  const count = Math.floor((d + before + after - span) / stride) + 1;
  if (count < 1)
    cx.fail('Q0210', `a window of ${span} depths does not fit into ${d}, padded by ${before} and ${after}`);
  const margins = { before: [0, before, 0, 0, 0], after: [0, after, 0, 0, 0], value: 0 };
  const padded = before + after === 0 ? x : cx.make('pad', margins, [x], x.type);
  const seen = Array.from({ length: kernel }, (_, k) => {
    const range = { starts: [0, k * dilation, 0, 0, 0], steps: [1, stride, 1, 1, 1], sizes: [n, count, h, w, c] };
    return reshaped(cx, cx.make('slice', range, [padded], x.type), [n * count * h * w, groups, c / groups]);
  });
  const together = seen.length === 1 ? seen[0] : cx.make('concat', { axis: 2 }, seen, x.type);
  return reshaped(cx, together, [n * count, h, w, kernel * c]);
}

/** A convolution with w [oc, c / groups, depth, h, w]. */
export function volumeConvolution(
  cx: ImportContext,
  x: Value,
  w: Value,
  bias: Value | undefined,
  result: (shape: Shape) => TensorType,
): Value {
  if (x.type.kind !== 'float')
    cx.fail(
      'Q0215',
      'convolutions of stored integers work on 1 or 2 spatial dimensions',
      undefined,
      'keep this layer in float',
    );
  const [oc, cg, kd, kh, kw] = w.type.shape;
  const groups = cx.attrs.int('group', 1);
  const { depth, plane } = volumeAttributes(cx, x.type.shape.slice(2), [kd, kh, kw]);
  if (groups < 1 || x.type.shape[1] !== cg * groups)
    cx.fail('Q0210', `x has ${x.type.shape[1]} channels, w wants ${cg} in each of ${groups} groups`);
  const image = depthsAsChannels(cx, toDepthLast(cx, x), depth, groups);
  const weights = reshaped(cx, transposed(cx, w, [0, 3, 4, 2, 1]), [oc, kh, kw, kd * cg]);
  const { strides, dilations, pads } = plane;
  const attrs = { strides, dilations, pads, groups, rounding: 'onnx' as const };
  const operands = bias === undefined ? [image, weights] : [image, weights, bias];
  return fromPlanes(cx, cx.make('conv2d', attrs, operands, result([])), x.type.shape[0]);
}

/** A pool of x [n, c, depth, h, w] by pools of NHWC images, each over one of the two windows. */
export function volumePool(cx: ImportContext, x: Value, pool: (image: Value, window: Spatial) => Value): Value {
  const [n, c, d, h, w] = x.type.shape;
  const { depth, plane } = volumeAttributes(cx, [d, h, w]);
  const planes = pool(reshaped(cx, toDepthLast(cx, x), [n * d, h, w, c]), plane);
  const [, oh, ow] = planes.type.shape;
  const y = pool(reshaped(cx, planes, [n, d, oh * ow, c]), depth);
  return fromPlanes(cx, reshaped(cx, y, [n * y.type.shape[1], oh, ow, c]), n);
}
