import { seededTensor } from '../../ir/parse.js';
import { type NodeSample, nodeSamples } from '../../ir/sample.js';
import { floatType, indexType, perTensor, quantType, type Tensor } from '../../ir/type.js';

type Attrs = NodeSample<'conv2d-requant'>['attrs'];
const plain: Attrs = {
  strides: [1, 1],
  dilations: [1, 1],
  pads: [1, 1, 1, 1],
  groups: 1,
  rounding: 'onnx',
  add: 'none',
  lookup: false,
  mid_element: 's8',
  mid_zero: -3,
  mid_min: -128,
  mid_max: 127,
  add_a: 0,
  add_b: 0,
  add_fixed: 0,
  sum_element: 's8',
  sum_min: -128,
  sum_max: 127,
};
const x = quantType('s8', [1, 6, 7, 19], perTensor(0.1, 5));
const y = quantType('s8', [1, 6, 7, 21], perTensor(0.2, -3));
const bytes = (type: Tensor['type'], seed: number) => seededTensor(type, seed);
const parts = (shape: readonly number[]): readonly Tensor[] => [
  bytes(quantType('s8', shape, perTensor(1, 0)), 1),
  bytes(indexType('s32', [shape[0]]), 2),
  { type: floatType([shape[0]]), data: Float32Array.from({ length: shape[0] }, (_, o) => 0.001 * (o + 1)) },
];
const residual: Partial<Attrs> = { add_a: Math.fround(0.7), add_b: Math.fround(1.3), add_fixed: 4.5, sum_min: -100 };
/** Of v with the scale add_a. */
const fixedSum: Partial<Attrs> = {
  rounding: 'tflite-double',
  add: 'fixed',
  add_a: Math.fround(0.1041949),
  mid_zero: 4,
};
/** Weights, biases, multipliers in fixed point. */
const fixedParts = (shape: readonly number[]): readonly Tensor[] => [
  ...parts(shape).slice(0, 2),
  {
    type: indexType('s32', [shape[0], 2]),
    data: Int32Array.from({ length: 2 * shape[0] }, (_, i) => (i % 2 === 0 ? 1518500250 + 1000 * i : -8 - (i % 3))),
  },
];
const table = bytes(quantType('s8', [256], perTensor(0.2, -3)), 9);

/** What a conv2d does not have: epilogues. */
export const samples = nodeSamples('conv2d-requant', [
  {
    name: 'the residual comes second',
    attrs: { ...plain, ...residual, add: 'first' },
    operands: [x, ...parts([21, 3, 3, 19]), y],
    results: [y],
  },
  {
    name: 'an image with one channel, a row left over',
    attrs: { ...plain, pads: [2, 1, 2, 3] },
    operands: [quantType('s8', [1, 9, 37, 1], perTensor(0.1, 5)), ...parts([8, 5, 5, 1])],
    results: [quantType('s8', [1, 9, 37, 8], perTensor(0.2, -3))],
  },
  {
    name: 'an image with one channel, two rows left over, every other column',
    attrs: { ...plain, strides: [1, 2], mid_max: 99 },
    operands: [quantType('s8', [1, 9, 37, 1], perTensor(0.1, 5)), ...parts([12, 6, 3, 1])],
    results: [quantType('s8', [1, 6, 19, 12], perTensor(0.2, -3))],
  },
  {
    name: 'the residual comes first, then a table',
    attrs: { ...plain, ...residual, add: 'second', lookup: true, mid_max: 99 },
    operands: [x, ...parts([21, 3, 3, 19]), y, table],
    results: [y],
  },
  {
    name: 'depthwise with a residual',
    attrs: { ...plain, ...residual, add: 'first', groups: 19 },
    operands: [x, ...parts([19, 3, 3, 1]), x],
    results: [x],
  },
  {
    name: "TFLite's sum with the residual",
    attrs: { ...plain, ...fixedSum, sum_min: -128 },
    operands: [x, ...fixedParts([21, 3, 3, 19]), quantType('s8', [1, 6, 7, 21], perTensor(0.0393, -128))],
    results: [quantType('s8', [1, 6, 7, 21], perTensor(0.0509, -128))],
  },
  {
    name: "TFLite's sum within bounds, of one column",
    attrs: { ...plain, ...fixedSum, sum_min: -3, pads: [0, 0, 0, 0] },
    operands: [x, ...fixedParts([21, 1, 1, 19]), quantType('s8', [1, 6, 7, 21], perTensor(0.0393, 11))],
    results: [quantType('s8', [1, 6, 7, 21], perTensor(0.0509, -3), [-3, 127])],
  },
  {
    name: 'pointwise with a table',
    attrs: { ...plain, pads: [0, 0, 0, 0], lookup: true },
    operands: [x, ...parts([21, 1, 1, 19]), table],
    results: [y],
  },
]);
