import { nodeSamples } from '../../ir/sample.js';
import { floatType, perTensor, quantType } from '../../ir/type.js';

export const samples = nodeSamples('clamp', [
  { name: 'float', attrs: { min: 0, max: 6 }, operands: [floatType([37])], results: [floatType([37])] },
  {
    name: 'float, one side',
    attrs: { min: Number.NEGATIVE_INFINITY, max: 0.5 },
    operands: [floatType([2, 3])],
    results: [floatType([2, 3])],
  },
  {
    name: 'stored integers',
    attrs: { min: -5, max: 90 },
    operands: [quantType('s8', [77], perTensor(0.1, 0))],
    results: [quantType('s8', [77], perTensor(0.1, 0), [-5, 90])],
  },
]);
