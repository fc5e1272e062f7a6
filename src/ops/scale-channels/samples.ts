import { nodeSamples } from '../../ir/sample.js';
import { perTensor, quantType, unitAffine } from '../../ir/type.js';

const numbers = (values: readonly number[]) => ({
  type: quantType('s32', [values.length], unitAffine),
  data: Int32Array.from(values),
});
const offsets = (count: number, step: number) => ({
  type: quantType('s32', [count], unitAffine),
  data: Int32Array.from({ length: count }, (_, c) => ((c * 7) % 13) * step - 40 * step),
});

export const samples = nodeSamples('scale-channels', [
  {
    name: 'u8 to u8, more channels than a vector',
    attrs: { shift: 20, low: 0, high: 255 },
    operands: [quantType('u8', [2, 9, 83], perTensor(0.03, 123)), offsets(83, 1_400_003), numbers([1_053_812])],
    results: [quantType('u8', [2, 9, 83], perTensor(0.029, 120))],
  },
  {
    name: 's8 to u8 behind a Relu, a falling line',
    attrs: { shift: 18, low: 9, high: 200 },
    operands: [quantType('s8', [5, 40], perTensor(0.03, -7)), offsets(40, -700_001), numbers([-301_007])],
    results: [quantType('u8', [5, 40], perTensor(0.02, 9))],
  },
  {
    name: 'u8 to s8 in few channels',
    attrs: { shift: 7, low: -128, high: 127 },
    operands: [quantType('u8', [11, 3], perTensor(0.03, 7)), offsets(3, 500), numbers([77])],
    results: [quantType('s8', [11, 3], perTensor(0.05, 0))],
  },
  {
    name: 's8 to s8, a factor for each channel',
    attrs: { shift: 18, low: -100, high: 127 },
    operands: [
      quantType('s8', [7, 37], perTensor(0.03, 7)),
      offsets(37, 300_001),
      numbers(Array.from({ length: 37 }, (_, c) => (c - 11) * 20_011)),
    ],
    results: [quantType('s8', [7, 37], perTensor(0.05, 0))],
  },
]);
