import { nodeSamples } from '../../ir/sample.js';
import { floatType } from '../../ir/type.js';

export const samples = nodeSamples('reshape', [
  {
    name: 'an input that becomes an output',
    attrs: { shape: [3, 4] },
    operands: [floatType([2, 6])],
    results: [floatType([3, 4])],
  },
]);
