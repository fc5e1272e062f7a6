import { nodeSamples } from '../../ir/sample.js';
import { perTensor, quantType } from '../../ir/type.js';

const y = quantType('s16', [3, 333], perTensor(2 ** -15, 0));
const scales = [0.0003, 2 ** -12, 2 ** -11, 0.000005, 2.5];

export const samples = nodeSamples(
  'curve-fixed',
  (['sigmoid', 'tanh'] as const).flatMap((fn) =>
    scales.map((scale) => ({
      name: `${fn} of scale ${scale}`,
      attrs: { fn },
      operands: [quantType('s16', [3, 333], perTensor(scale, 0))],
      results: [y],
    })),
  ),
);
