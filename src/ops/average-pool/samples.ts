import { nodeSamples } from '../../ir/sample.js';
import { floatType, perTensor, quantType, type Shape } from '../../ir/type.js';

const u8 = (shape: Shape, scale: number, zero: number) => quantType('u8', shape, perTensor(scale, zero));
const s8 = (shape: Shape, scale: number, zero: number) => quantType('s8', shape, perTensor(scale, zero));
const window = { kernel: [3, 3], strides: [2, 2], dilations: [1, 1], pads: [1, 1, 1, 1], count_include_pad: false };

const s16 = (shape: Shape, scale: number) => quantType('s16', shape, perTensor(scale, 0));

export const samples = nodeSamples('average-pool', [
  {
    name: 's16, windows cut by the border',
    attrs: window,
    operands: [s16([1, 7, 6, 9], 0.001)],
    results: [s16([1, 4, 3, 9], 0.0009)],
  },
  {
    name: 's16 to u8, padding counts',
    attrs: { ...window, count_include_pad: true },
    operands: [s16([1, 7, 7, 8], 0.001)],
    results: [u8([1, 4, 4, 8], 0.1, 127)],
  },
  {
    name: 'windows cut by the border',
    attrs: window,
    operands: [u8([2, 7, 6, 19], 0.1, 7)],
    results: [u8([2, 4, 3, 19], 0.09, 9)],
  },
  {
    name: 'padding counts',
    attrs: { ...window, count_include_pad: true },
    operands: [s8([1, 7, 7, 16], 0.1, -128)],
    results: [s8([1, 4, 4, 16], 0.02, 127)],
  },
  {
    name: 'the whole image, ties',
    attrs: { ...window, kernel: [2, 4], strides: [1, 1], pads: [0, 0, 0, 0] },
    operands: [u8([1, 2, 4, 64], 0.5, 1)],
    results: [u8([1, 1, 1, 64], 0.5, 3)],
  },
  {
    name: 'float',
    attrs: window,
    operands: [floatType([1, 7, 6, 5])],
    results: [floatType([1, 4, 3, 5])],
  },
  {
    name: 'dilated windows',
    attrs: { ...window, kernel: [2, 3], strides: [1, 1], dilations: [3, 2], pads: [0, 0, 0, 0] },
    operands: [u8([1, 7, 7, 2], 0.1, 200)],
    results: [u8([1, 4, 3, 2], 0.1, 101)],
  },
  {
    name: 'ties of small windows at an odd zero point',
    attrs: { ...window, kernel: [2, 2], pads: [0, 0, 0, 0] },
    operands: [s8([1, 6, 6, 4], 0.1, 0)],
    results: [s8([1, 3, 3, 4], 0.1, 1)],
  },
]);
