import { nodeSamples } from '../../ir/sample.js';
import { floatType, perTensor, quantType } from '../../ir/type.js';

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
]);
