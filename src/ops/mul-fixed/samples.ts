import { nodeSamples } from '../../ir/sample.js';
import { perTensor, quantType, type Shape } from '../../ir/type.js';

const s8 = (shape: Shape, scale: number, zero: number) => quantType('s8', shape, perTensor(scale, zero));
const s16 = (shape: Shape, scale: number) => quantType('s16', shape, perTensor(scale, 0));

export const samples = nodeSamples('mul-fixed', [
  {
    name: 'saturates',
    attrs: {},
    operands: [s8([5, 21], 0.1, 12), s8([5, 21], 0.2, -3)],
    results: [s8([5, 21], 0.5, 7)],
  },
  { name: 'ties', attrs: {}, operands: [s8([2, 64], 0.5, -1), s8([2, 64], 0.5, 3)], results: [s8([2, 64], 16, -3)] },
  {
    name: 'a gate per channel',
    attrs: {},
    operands: [s8([1, 4, 4, 33], 0.03, -128), s8([1, 1, 1, 33], 1 / 256, -128)],
    results: [quantType('s8', [1, 4, 4, 33], perTensor(0.02, 5), [5, 100])],
  },
  {
    name: 's16, saturates',
    attrs: {},
    operands: [s16([5, 21], 0.03), s16([5, 21], 0.02)],
    results: [s16([5, 21], 0.05)],
  },
  {
    name: 's16, a gate per channel',
    attrs: {},
    operands: [s16([1, 4, 4, 33], 0.003), s16([33], 2 ** -15)],
    results: [quantType('s16', [1, 4, 4, 33], perTensor(0.002, 0), [0, 30000])],
  },
]);
