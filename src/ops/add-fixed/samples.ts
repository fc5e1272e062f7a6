import { nodeSamples } from '../../ir/sample.js';
import { perTensor, quantType, type Shape } from '../../ir/type.js';

const s8 = (shape: Shape, scale: number, zero: number) => quantType('s8', shape, perTensor(scale, zero));

export const samples = nodeSamples('add-fixed', [
  {
    name: 'saturates at both ends',
    attrs: { subtract: false },
    operands: [s8([1, 5, 7, 3], 0.1, 12), s8([1, 5, 7, 3], 0.2, -3)],
    results: [s8([1, 5, 7, 3], 0.05, 127)],
  },
  {
    name: 'halves: every second sum is a tie',
    attrs: { subtract: false },
    operands: [s8([2, 64], 0.5, -1), s8([2, 64], 0.5, 3)],
    results: [s8([2, 64], 1, -3)],
  },
  {
    name: 'one operand repeats per channel, a narrower range',
    attrs: { subtract: false },
    operands: [s8([1, 4, 4, 33], 0.03, -128), s8([33], 0.011, 127)],
    results: [quantType('s8', [1, 4, 4, 33], perTensor(0.04, 5), [5, 100])],
  },
  {
    name: 'a difference whose first operand repeats',
    attrs: { subtract: true },
    operands: [s8([1], 0.03, 101), s8([3, 17], 0.011, 0)],
    results: [s8([3, 17], 0.02, 1)],
  },
  {
    name: 'a difference, scales far apart',
    attrs: { subtract: true },
    operands: [s8([5, 17], 0.003, 1), s8([5, 17], 1.1, 0)],
    results: [s8([5, 17], 0.9, 1)],
  },
]);
