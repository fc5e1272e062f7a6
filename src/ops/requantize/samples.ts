import { nodeSamples } from '../../ir/sample.js';
import { perTensor, quantType } from '../../ir/type.js';

export const samples = nodeSamples('requantize', [
  {
    name: 'u8 to s8',
    attrs: {},
    operands: [quantType('u8', [3, 100], perTensor(0.03, 127))],
    results: [quantType('s8', [3, 100], perTensor(0.031, -7))],
  },
  {
    name: 'ties: half the scale',
    attrs: {},
    operands: [quantType('s8', [256], perTensor(0.5, 1))],
    results: [quantType('s8', [256], perTensor(1, 3))],
  },
  {
    name: 's16 to s16, both ends',
    attrs: {},
    operands: [quantType('s16', [3, 100], perTensor(0.001, 0))],
    results: [quantType('s16', [3, 100], perTensor(0.0007, 0))],
  },
  {
    name: 's16 to u8',
    attrs: {},
    operands: [quantType('s16', [3, 100], perTensor(0.001, 50))],
    results: [quantType('u8', [3, 100], perTensor(0.05, 128))],
  },
  {
    name: 's8 to u16',
    attrs: {},
    operands: [quantType('s8', [3, 100], perTensor(0.1, 5))],
    results: [quantType('u16', [3, 100], perTensor(0.0007, 32768))],
  },
  {
    name: 's32 to s16',
    attrs: {},
    operands: [quantType('s32', [3, 100], perTensor(3e-6, 0))],
    results: [quantType('s16', [3, 100], perTensor(0.2, 0))],
  },
]);
