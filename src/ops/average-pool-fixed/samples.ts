import { nodeSamples } from '../../ir/sample.js';
import { perTensor, type QuantElement, quantType, type Shape } from '../../ir/type.js';

const typed = (element: QuantElement, shape: Shape, range?: readonly [number, number]) =>
  range === undefined
    ? quantType(element, shape, perTensor(0.1, 7))
    : quantType(element, shape, perTensor(0.1, 7), range);
const window = { kernel: [3, 3], strides: [2, 2], dilations: [1, 1], pads: [1, 1, 1, 1] };

export const samples = nodeSamples('average-pool-fixed', [
  {
    name: 'windows cut by the border',
    attrs: window,
    operands: [typed('s8', [2, 7, 6, 19])],
    results: [typed('s8', [2, 4, 3, 19])],
  },
  {
    name: 'the whole image, ties, a narrower range',
    attrs: { ...window, kernel: [2, 4], strides: [1, 1], pads: [0, 0, 0, 0] },
    operands: [typed('s8', [1, 2, 4, 64])],
    results: [typed('s8', [1, 1, 1, 64], [7, 50])],
  },
  {
    name: 'u8, a window of two',
    attrs: { ...window, kernel: [1, 2], strides: [1, 2], pads: [0, 0, 0, 0] },
    operands: [typed('u8', [1, 5, 6, 3])],
    results: [typed('u8', [1, 5, 3, 3])],
  },
]);
