import { nodeSamples } from '../../ir/sample.js';
import { floatType, indexType } from '../../ir/type.js';

const window = { kernel: [3, 3], strides: [2, 1], dilations: [1, 1], pads: [1, 1, 0, 1], columns: false };

export const samples = nodeSamples('max-pool-index', [
  { name: 'rows', attrs: window, operands: [floatType([2, 7, 6, 3])], results: [indexType('s64', [2, 3, 6, 3])] },
  {
    name: 'columns',
    attrs: { ...window, columns: true },
    operands: [floatType([2, 7, 6, 3])],
    results: [indexType('s64', [2, 3, 6, 3])],
  },
  {
    name: 'dilated',
    attrs: { ...window, dilations: [2, 2] },
    operands: [floatType([1, 7, 6, 2])],
    results: [indexType('s64', [1, 2, 4, 2])],
  },
]);
