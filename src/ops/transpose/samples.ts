import { nodeSamples } from '../../ir/sample.js';
import { floatType, perTensor, quantType } from '../../ir/type.js';

export const samples = nodeSamples('transpose', [
  {
    name: 'bytes',
    attrs: { perm: [0, 3, 1, 2] },
    operands: [quantType('s8', [2, 5, 7, 3], perTensor(1, 0))],
    results: [quantType('s8', [2, 3, 5, 7], perTensor(1, 0))],
  },
  {
    name: 'floats in six dimensions',
    attrs: { perm: [5, 3, 4, 1, 0, 2] },
    operands: [floatType([2, 3, 1, 4, 2, 3])],
    results: [floatType([3, 4, 2, 3, 2, 1])],
  },
]);
