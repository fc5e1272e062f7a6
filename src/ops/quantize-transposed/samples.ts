import { nodeSamples } from '../../ir/sample.js';
import { floatType, perTensor, quantType } from '../../ir/type.js';

export const samples = nodeSamples('quantize-transposed', [
  {
    name: 'planes of an image to pixels',
    attrs: { perm: [0, 2, 3, 1] },
    operands: [floatType([2, 3, 7, 11])],
    results: [quantType('u8', [2, 7, 11, 3], perTensor(0.03, 127))],
  },
  {
    name: 'many planes, s8, a narrower range',
    attrs: { perm: [0, 2, 3, 1] },
    operands: [floatType([1, 21, 5, 7])],
    results: [quantType('s8', [1, 5, 7, 21], perTensor(0.01, -1), [-100, 90])],
  },
  {
    name: 'pixels to planes, fewer than a vector',
    attrs: { perm: [0, 3, 1, 2] },
    operands: [floatType([1, 3, 3, 5])],
    results: [quantType('s8', [1, 5, 3, 3], perTensor(0.5, 3))],
  },
]);
