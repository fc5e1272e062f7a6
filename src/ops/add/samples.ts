import { nodeSamples } from '../../ir/sample.js';
import { perTensor, quantType, type Shape } from '../../ir/type.js';

const u8 = (shape: Shape, scale: number, zero: number) => quantType('u8', shape, perTensor(scale, zero));
const s8 = (shape: Shape, scale: number, zero: number) => quantType('s8', shape, perTensor(scale, zero));

const s16 = (shape: Shape, scale: number) => quantType('s16', shape, perTensor(scale, 0));

export const samples = nodeSamples('add', [
  {
    name: 's16, both ends',
    attrs: {},
    operands: [s16([1, 5, 7, 3], 0.001), s16([1, 5, 7, 3], 0.002)],
    results: [s16([1, 5, 7, 3], 0.0015)],
  },
  {
    name: 's16 and u8 to s8, one operand repeats',
    attrs: {},
    operands: [s16([1, 4, 4, 33], 0.0003), u8([33], 0.011, 127)],
    results: [s8([1, 4, 4, 33], 0.04, 5)],
  },
  {
    name: 'saturates at both ends',
    attrs: {},
    operands: [u8([1, 5, 7, 3], 0.1, 128), u8([1, 5, 7, 3], 0.2, 3)],
    results: [u8([1, 5, 7, 3], 0.05, 127)],
  },
  {
    name: 'halves: every second sum is a tie',
    attrs: {},
    operands: [s8([2, 64], 0.5, -1), s8([2, 64], 0.5, 3)],
    results: [s8([2, 64], 1, -3)],
  },
  {
    name: 'one operand repeats per channel',
    attrs: {},
    operands: [s8([1, 4, 4, 33], 0.03, -128), s8([33], 0.011, 127)],
    results: [quantType('s8', [1, 4, 4, 33], perTensor(0.04, 5), [5, 100])],
  },
  {
    name: 'a single number in front',
    attrs: {},
    operands: [u8([1], 0.03, 255), u8([3, 17], 0.011, 0)],
    results: [u8([3, 17], 0.02, 1)],
  },
  {
    name: 'operands of different signedness in the result',
    attrs: {},
    operands: [u8([3, 17], 0.03, 255), u8([3, 17], 0.011, 0)],
    results: [s8([3, 17], 0.02, 1)],
  },
  {
    name: 'one number a row',
    attrs: {},
    operands: [u8([2, 3, 5], 0.02, 1), u8([2, 3, 1], 0.03, 2)],
    results: [u8([2, 3, 5], 0.04, 3)],
  },
  {
    name: 'both repeat in the middle',
    attrs: {},
    operands: [s8([2, 1, 5], 0.02, 1), s8([1, 3, 1], 0.03, 2)],
    results: [s8([2, 3, 5], 0.04, 3)],
  },
]);
