import { nodeSamples } from '../../ir/sample.js';
import { type Affine, floatType, perTensor, quantType } from '../../ir/type.js';
import { perAxis } from '../../quant/affine.js';

const blocks: Affine = {
  per: 'block',
  axis: 1,
  block: 2,
  scales: Float32Array.from({ length: 12 }, (_, i) => 0.001 * (i + 1)),
  zeroPoints: Int32Array.from({ length: 12 }, (_, i) => 5 * i - 30),
};

export const samples = nodeSamples('quantize', [
  {
    name: 'u8, odd zero point',
    attrs: {},
    operands: [floatType([3, 37])],
    results: [quantType('u8', [3, 37], perTensor(0.03, 127))],
  },
  {
    name: 's8, saturating',
    attrs: {},
    operands: [floatType([3, 37])],
    results: [quantType('s8', [3, 37], perTensor(0.001, -1))],
  },
  {
    name: 'a narrower range',
    attrs: {},
    operands: [floatType([64])],
    results: [quantType('u8', [64], perTensor(0.01, 3), [3, 90])],
  },
  {
    name: 'u16',
    attrs: {},
    operands: [floatType([3, 37])],
    results: [quantType('u16', [3, 37], perTensor(0.0001, 32767))],
  },
  {
    name: 's4',
    attrs: {},
    operands: [floatType([3, 37])],
    results: [quantType('s4', [3, 37], perTensor(0.5, -1))],
  },
  {
    name: 's8 along an axis',
    attrs: {},
    operands: [floatType([2, 3, 5])],
    results: [quantType('s8', [2, 3, 5], perAxis(1, [0.01, 0.02, 0.05], [1, -3, 100]))],
  },
  {
    name: 's16 in blocks, the last one short',
    attrs: {},
    operands: [floatType([2, 5, 2])],
    results: [quantType('s16', [2, 5, 2], blocks)],
  },
]);
