import { nodeSamples } from '../../ir/sample.js';
import { perTensor, quantType, type Shape } from '../../ir/type.js';

const s8 = (shape: Shape, scale: number, zero: number) => quantType('s8', shape, perTensor(scale, zero));
const s16 = (shape: Shape, scale: number) => quantType('s16', shape, perTensor(scale, 0));

export const samples = nodeSamples('add-fixed', [
  {
    name: 'saturates at both ends',
    attrs: { subtract: false, powers: false },
    operands: [s8([1, 5, 7, 3], 0.1, 12), s8([1, 5, 7, 3], 0.2, -3)],
    results: [s8([1, 5, 7, 3], 0.05, 127)],
  },
  {
    name: 'halves: every second sum is a tie',
    attrs: { subtract: false, powers: false },
    operands: [s8([2, 64], 0.5, -1), s8([2, 64], 0.5, 3)],
    results: [s8([2, 64], 1, -3)],
  },
  {
    name: 'one operand repeats per channel, a narrower range',
    attrs: { subtract: false, powers: false },
    operands: [s8([1, 4, 4, 33], 0.03, -128), s8([33], 0.011, 127)],
    results: [quantType('s8', [1, 4, 4, 33], perTensor(0.04, 5), [5, 100])],
  },
  {
    name: 'a difference whose first operand repeats',
    attrs: { subtract: true, powers: false },
    operands: [s8([1], 0.03, 101), s8([3, 17], 0.011, 0)],
    results: [s8([3, 17], 0.02, 1)],
  },
  {
    name: 'a difference, scales far apart',
    attrs: { subtract: true, powers: false },
    operands: [s8([5, 17], 0.003, 1), s8([5, 17], 1.1, 0)],
    results: [s8([5, 17], 0.9, 1)],
  },
  {
    name: 's16, saturates',
    attrs: { subtract: false, powers: false },
    operands: [s16([1, 5, 7, 3], 0.01), s16([1, 5, 7, 3], 0.02)],
    results: [s16([1, 5, 7, 3], 0.011)],
  },
  {
    name: 's16, a difference whose first operand repeats, a narrower range',
    attrs: { subtract: true, powers: false },
    operands: [s16([7], 0.03), s16([3, 7], 0.011)],
    results: [quantType('s16', [3, 7], perTensor(0.05, 0), [0, 20000])],
  },
  {
    name: 's16, powers of two',
    attrs: { subtract: false, powers: true },
    operands: [s16([2, 64], 2 ** -10), s16([2, 64], 2 ** -13)],
    results: [s16([2, 64], 2 ** -10)],
  },
  {
    name: 's16, a difference of powers of two',
    attrs: { subtract: true, powers: true },
    operands: [s16([2, 64], 2 ** -12), s16([2, 64], 2 ** -10)],
    results: [s16([2, 64], 2 ** -10)],
  },
]);
