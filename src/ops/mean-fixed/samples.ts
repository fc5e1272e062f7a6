import { nodeSamples } from '../../ir/sample.js';
import { perTensor, quantType, type Shape } from '../../ir/type.js';

const s8 = (shape: Shape, scale: number, zero: number) => quantType('s8', shape, perTensor(scale, zero));

export const samples = nodeSamples('mean-fixed', [
  { name: 'one scale', attrs: {}, operands: [s8([2, 49, 33], 0.1, 3)], results: [s8([2, 1, 33], 0.1, 3)] },
  { name: 'another scale', attrs: {}, operands: [s8([1, 5, 64], 0.1, 3)], results: [s8([1, 1, 64], 0.033, -9)] },
  { name: 'the last dimension', attrs: {}, operands: [s8([7, 12, 1], 0.1, -128)], results: [s8([7, 1, 1], 0.2, 0)] },
]);
