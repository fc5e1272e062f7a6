import { nodeSamples } from '../../ir/sample.js';
import { type Affine, floatType, perTensor, quantType } from '../../ir/type.js';
import { perAxis } from '../../quant/affine.js';

const blocks: Affine = {
  per: 'block',
  axis: 1,
  block: 3,
  scales: Float32Array.from({ length: 8 }, (_, i) => 0.1 * (i + 1)),
  zeroPoints: Int32Array.from({ length: 8 }, (_, i) => 2 * i),
};

export const samples = nodeSamples('dequantize', [
  {
    name: 'u8',
    attrs: {},
    operands: [quantType('u8', [3, 37], perTensor(0.03, 127))],
    results: [floatType([3, 37])],
  },
  {
    name: 's8',
    attrs: {},
    operands: [quantType('s8', [64], perTensor(1e-3, -128))],
    results: [floatType([64])],
  },
  {
    name: 's32',
    attrs: {},
    operands: [quantType('s32', [64], perTensor(1e-3, 0), [-2147483648, 2147483647])],
    results: [floatType([64])],
  },
  {
    name: 's16',
    attrs: {},
    operands: [quantType('s16', [64], perTensor(1e-3, 300))],
    results: [floatType([64])],
  },
  {
    name: 'u8 along an axis',
    attrs: {},
    operands: [quantType('u8', [2, 3, 5], perAxis(0, [0.01, 0.02], [1, 130]))],
    results: [floatType([2, 3, 5])],
  },
  {
    name: 'u4 in blocks, the last one short',
    attrs: {},
    operands: [quantType('u4', [2, 5, 2], blocks)],
    results: [floatType([2, 5, 2])],
  },
]);
