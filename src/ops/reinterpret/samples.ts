import { nodeSamples } from '../../ir/sample.js';
import { perTensor, quantType } from '../../ir/type.js';

export const samples = nodeSamples('reinterpret', [
  {
    name: 'another scale',
    attrs: {},
    operands: [quantType('u8', [12], perTensor(1, 0))],
    results: [quantType('u8', [12], perTensor(0.1, 3))],
  },
]);
