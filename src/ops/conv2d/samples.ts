import { seededTensor } from '../../ir/parse.js';
import { type NodeSample, nodeSamples } from '../../ir/sample.js';
import { floatType, indexType, perTensor, type QuantType, quantType, type Shape, type Tensor } from '../../ir/type.js';
import { perAxis } from '../../quant/affine.js';

const u8 = (shape: Shape, scale: number, zero: number) => quantType('u8', shape, perTensor(scale, zero));
const s8 = (shape: Shape, scale: number, zero: number) => quantType('s8', shape, perTensor(scale, zero));
const s16 = (shape: Shape, scale: number) => quantType('s16', shape, perTensor(scale, 0));

function weights(shape: Shape, scale = 0.01): Tensor {
  return seededTensor(quantType('s8', shape, perTensor(scale, 0)), shape.length + shape[0]);
}

/** s32 at the scale of the accumulator, between -1000 and 1000. */
function bias(x: QuantType, w: Tensor): Tensor {
  const xScale = x.affine.per === 'tensor' ? x.affine.scale : 1;
  const wScale = w.type.kind === 'quant' && w.type.affine.per === 'tensor' ? w.type.affine.scale : 1;
  return seededTensor(quantType('s32', [w.type.shape[0]], perTensor(Math.fround(xScale * wScale), 0)), 3);
}

type Attrs = NodeSample<'conv2d'>['attrs'];
const plain: Attrs = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], groups: 1, rounding: 'onnx' };

function quantized(name: string, attrs: Partial<Attrs>, x: QuantType, w: Tensor, y: QuantType): NodeSample<'conv2d'> {
  return { name, attrs: { ...plain, ...attrs }, operands: [x, w, bias(x, w)], results: [y] };
}

const perChannel: Tensor = {
  type: quantType(
    's8',
    [10, 3, 3, 4],
    perAxis(
      0,
      Float32Array.from({ length: 10 }, (_, i) => 0.002 * (i + 1)),
      new Int32Array(10),
    ),
  ),
  data: weights([10, 3, 3, 4]).data,
};
const zeroPoints: Tensor = seededTensor(quantType('u8', [7, 1, 1, 9], perTensor(0.01, 131)), 5);

export const samples = nodeSamples('conv2d', [
  quantized(
    's16, 3x3',
    { pads: [1, 1, 1, 1] },
    s16([1, 5, 7, 6], 0.001),
    weights([18, 3, 3, 6]),
    s16([1, 5, 7, 18], 0.01),
  ),
  quantized('s16 to u8, 1x1', {}, s16([1, 3, 5, 16], 0.001), weights([24, 1, 1, 16]), u8([1, 3, 5, 24], 0.1, 120)),
  quantized(
    's16 to s16, 3x3, more channels than a tile',
    { pads: [1, 1, 1, 1] },
    s16([1, 6, 7, 17], 0.001),
    weights([86, 3, 3, 17]),
    s16([1, 6, 7, 86], 0.004),
  ),
  quantized('u8 to s16, 3x3', {}, u8([1, 6, 7, 16], 0.1, 100), weights([20, 3, 3, 16]), s16([1, 4, 5, 20], 0.005)),
  quantized('s16 to s8, one pixel', {}, s16([1, 1, 1, 33], 0.001), weights([10, 1, 1, 33]), s8([1, 1, 1, 10], 0.1, -3)),
  quantized(
    's16 to s16, depthwise, stride 2',
    { groups: 19, strides: [2, 2], pads: [1, 1, 0, 0] },
    s16([1, 6, 7, 19], 0.001),
    weights([19, 3, 3, 1]),
    s16([1, 3, 3, 19], 0.004),
  ),
  {
    name: 's16 to float',
    attrs: plain,
    operands: [s16([1, 1, 1, 20], 0.001), weights([7, 1, 1, 20])],
    results: [floatType([1, 1, 1, 7])],
  },
  quantized(
    '1x1, saturating at both ends',
    {},
    u8([1, 5, 7, 32], 0.1, 128),
    weights([24, 1, 1, 32]),
    u8([1, 5, 7, 24], 0.01, 127),
  ),
  quantized(
    '1x1 on one pixel, zero point at the end',
    {},
    u8([1, 1, 1, 65], 0.1, 255),
    weights([33, 1, 1, 65]),
    s8([1, 1, 1, 33], 0.3, -128),
  ),
  quantized(
    '3x3, stride 2, asymmetric pads, batch 2',
    { strides: [2, 2], pads: [0, 1, 1, 0] },
    s8([2, 9, 8, 16], 0.1, -3),
    weights([17, 3, 3, 16]),
    s8([2, 4, 4, 17], 0.6, 5),
  ),
  quantized(
    'dilated',
    { dilations: [2, 3], pads: [2, 3, 2, 3] },
    u8([1, 8, 9, 5], 0.1, 7),
    weights([6, 3, 3, 5]),
    u8([1, 8, 9, 6], 0.3, 0),
  ),
  quantized(
    'first layer: three channels, stride 2',
    { strides: [2, 2], pads: [1, 1, 1, 1] },
    u8([1, 16, 18, 3], 0.02, 114),
    weights([32, 3, 3, 3]),
    u8([1, 8, 9, 32], 0.05, 0),
  ),
  quantized(
    'groups = 2',
    { groups: 2, pads: [1, 1, 1, 1] },
    s8([1, 6, 6, 8], 0.1, 1),
    weights([6, 3, 3, 4]),
    s8([1, 6, 6, 6], 0.3, -1),
  ),
  quantized(
    'groups of 4, fewer channels than a panel',
    { groups: 3, pads: [1, 1, 1, 1] },
    s8([1, 5, 7, 12], 0.1, -4),
    weights([12, 3, 3, 4]),
    s8([1, 5, 7, 12], 0.3, -1),
  ),
  quantized(
    'groups of 8, stride 2, dilated',
    { groups: 3, strides: [2, 2], dilations: [2, 1], pads: [2, 1, 1, 0] },
    u8([2, 9, 12, 24], 0.1, 99),
    weights([24, 3, 3, 8]),
    u8([2, 4, 6, 24], 0.3, 120),
  ),
  quantized(
    'depthwise 3x3',
    { groups: 40, pads: [1, 1, 1, 1] },
    u8([1, 7, 9, 40], 0.1, 121),
    weights([40, 3, 3, 1]),
    u8([1, 7, 9, 40], 0.05, 117),
  ),
  quantized(
    'depthwise, stride 2',
    { groups: 17, strides: [2, 2], pads: [0, 0, 1, 1] },
    s8([2, 8, 8, 17], 0.1, -128),
    weights([17, 3, 3, 1]),
    s8([2, 4, 4, 17], 0.05, -128),
  ),
  quantized(
    'depthwise, multiplier 2',
    { groups: 6, pads: [2, 2, 2, 2] },
    u8([1, 6, 5, 6], 0.1, 9),
    weights([12, 5, 5, 1]),
    u8([1, 6, 5, 12], 0.09, 0),
  ),
  quantized(
    'per-channel scales, halves everywhere',
    {},
    s8([1, 6, 6, 4], 0.5, 1),
    perChannel,
    s8([1, 4, 4, 10], 0.125, 3),
  ),
  { ...quantized('weights with a zero point', {}, u8([1, 3, 4, 9], 0.1, 3), zeroPoints, u8([1, 3, 4, 7], 0.2, 100)) },
  quantized(
    'a narrower range',
    {},
    u8([1, 4, 4, 16], 0.1, 0),
    weights([16, 1, 1, 16]),
    quantType('u8', [1, 4, 4, 16], perTensor(0.1, 0), [0, 60]),
  ),
  quantized(
    'two roundings in fixed point',
    { rounding: 'tflite-double', pads: [1, 1, 1, 1] },
    s8([1, 6, 6, 4], 0.03, 1),
    perChannel,
    s8([1, 6, 6, 10], 0.017, 3),
  ),
  quantized(
    'two roundings, multipliers around one, ties',
    { rounding: 'tflite-double' },
    s8([1, 5, 7, 3], 0.5, 1),
    weights([4, 1, 1, 3], 0.5),
    s8([1, 5, 7, 4], 0.125, -9),
  ),
  quantized(
    'scaled in double to nearest, ties away from zero',
    { rounding: 'tflite-single' },
    s8([1, 1, 9, 33], 0.5, 2),
    weights([13, 1, 1, 33], 0.5),
    s8([1, 1, 9, 13], 64, -2),
  ),
  quantized(
    'depthwise, two roundings',
    { groups: 17, strides: [2, 2], pads: [0, 0, 1, 1], rounding: 'tflite-double' },
    s8([2, 8, 8, 17], 0.1, -128),
    weights([17, 3, 3, 1]),
    s8([2, 4, 4, 17], 0.05, -128),
  ),
  {
    name: 'float result',
    attrs: plain,
    operands: [u8([1, 4, 4, 16], 0.1, 3), weights([5, 2, 2, 16])],
    results: [floatType([1, 3, 3, 5])],
  },
  {
    name: 's32 result',
    attrs: { ...plain, pads: [1, 0, 0, 1] },
    operands: [s8([1, 4, 4, 16], 1, -3), seededTensor(quantType('s8', [5, 2, 2, 16], perTensor(1, 0)), 2)],
    results: [indexType('s32', [1, 4, 4, 5])],
  },
  {
    name: 'float',
    attrs: { ...plain, strides: [2, 1], pads: [1, 1, 1, 1], groups: 2 },
    operands: [floatType([2, 6, 7, 6]), seededTensor(floatType([4, 3, 3, 3]), 2), seededTensor(floatType([4]), 3)],
    results: [floatType([2, 3, 7, 4])],
  },
]);
