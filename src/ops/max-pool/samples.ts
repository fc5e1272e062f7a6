import { nodeSamples } from '../../ir/sample.js';
import { floatType, perTensor, quantType, type Shape } from '../../ir/type.js';

const s8 = (shape: Shape) => quantType('s8', shape, perTensor(0.1, 5));
const window = { kernel: [3, 2], strides: [2, 1], dilations: [1, 2], pads: [1, 0, 0, 1] };

export const samples = nodeSamples('max-pool', [
  { name: 's8, dilated, padded', attrs: window, operands: [s8([2, 8, 9, 37])], results: [s8([2, 4, 8, 37])] },
  {
    name: 'u8',
    attrs: { kernel: [2, 2], strides: [2, 2], dilations: [1, 1], pads: [0, 0, 0, 0] },
    operands: [quantType('u8', [1, 8, 8, 16], perTensor(1, 0))],
    results: [quantType('u8', [1, 4, 4, 16], perTensor(1, 0))],
  },
  { name: 'float', attrs: window, operands: [floatType([1, 8, 9, 3])], results: [floatType([1, 4, 8, 3])] },
]);
