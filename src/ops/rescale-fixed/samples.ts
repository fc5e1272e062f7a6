import { nodeSamples } from '../../ir/sample.js';
import { perTensor, quantType, type Shape } from '../../ir/type.js';
import { quantizeMultiplier } from '../../quant/fixed-point.js';

const s16 = (shape: Shape, scale: number) => quantType('s16', shape, perTensor(scale, 0));
const s8 = (shape: Shape, scale: number, zero: number) => quantType('s8', shape, perTensor(scale, zero));
const pair = (real: number) => {
  const { multiplier, shift } = quantizeMultiplier(real);
  return [multiplier, shift];
};

export const samples = nodeSamples('rescale-fixed', [
  {
    name: 's16 to s16, a narrower range',
    attrs: { above: pair(1.7), below: pair(1.7), negates: false },
    operands: [s16([3, 50], 0.017)],
    results: [quantType('s16', [3, 50], perTensor(0.01, 0), [0, 20000])],
  },
  {
    name: 's16 to s8, ties',
    attrs: { above: pair(1 / 256), below: pair(1 / 256), negates: false },
    operands: [quantType('s16', [3, 50], perTensor(0.01, 0), [-2560, 2560])],
    results: [s8([3, 50], 2.56, -3)],
  },
  {
    name: 'u8 to s16',
    attrs: { above: pair(120.5), below: pair(120.5), negates: false },
    operands: [quantType('u8', [2, 40], perTensor(0.1, 131))],
    results: [s16([2, 40], 0.1 / 120.5)],
  },
  {
    name: 's16, another slope below zero, which turns it around',
    attrs: { above: pair(0.9), below: pair(0.3), negates: true },
    operands: [s16([3, 50], 0.01)],
    results: [s16([3, 50], 0.01 / 0.9)],
  },
]);
