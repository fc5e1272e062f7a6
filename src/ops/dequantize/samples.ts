import { nodeSamples } from '../../ir/sample.js';
import { floatType, perTensor, quantType } from '../../ir/type.js';

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
]);
