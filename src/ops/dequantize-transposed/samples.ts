import { nodeSamples } from '../../ir/sample.js';
import { floatType, perTensor, quantType } from '../../ir/type.js';

export const samples = nodeSamples('dequantize-transposed', [
  {
    name: 'pixels to planes',
    attrs: { perm: [0, 3, 1, 2] },
    operands: [quantType('u8', [2, 7, 11, 19], perTensor(0.03, 127))],
    results: [floatType([2, 19, 7, 11])],
  },
  {
    name: 's8, fewer pixels than a vector',
    attrs: { perm: [0, 3, 1, 2] },
    operands: [quantType('s8', [1, 3, 3, 5], perTensor(0.5, -3))],
    results: [floatType([1, 5, 3, 3])],
  },
  {
    name: 's32',
    attrs: { perm: [1, 0] },
    operands: [quantType('s32', [17, 5], perTensor(0.001, 0))],
    results: [floatType([5, 17])],
  },
]);
