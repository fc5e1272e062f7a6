import { nodeSamples } from '../../ir/sample.js';
import { perTensor, quantType } from '../../ir/type.js';

const entries = quantType('u8', [256], perTensor(1, 0));

export const samples = nodeSamples('lookup', [
  {
    name: 's8 to u8, every byte',
    attrs: {},
    operands: [
      quantType('s8', [3, 333], perTensor(0.03, 127)),
      { type: entries, data: Uint8Array.from({ length: 256 }, (_, i) => (i * 167 + 13) & 255) },
    ],
    results: [quantType('u8', [3, 333], perTensor(1, 0))],
  },
]);
