import { nodeSamples } from '../../ir/sample.js';
import { floatType } from '../../ir/type.js';
import { activation } from './op.js';

const parameters = [
  [0.25, 0.5],
  [Math.fround(0.1), 1],
] as const;

export const samples = nodeSamples(
  'activation',
  activation.attrs.fn.flatMap((fn) =>
    parameters.map(([alpha, beta]) => ({
      name: `${fn} with ${alpha}, ${beta}`,
      attrs: { fn, alpha, beta },
      operands: [floatType([5, 167])],
      results: [floatType([5, 167])],
    })),
  ),
);
