import { nodeSamples } from '../../ir/sample.js';
import { perTensor, type QuantElement, quantType, type Shape } from '../../ir/type.js';

const sample = (name: string, shape: Shape, scale: number, beta: number, element: QuantElement = 's8') => ({
  name,
  attrs: { beta },
  operands: [quantType(element, shape, perTensor(scale, 3))],
  results: [quantType(element, shape, perTensor(2 ** -8, element === 's8' ? -128 : 0))],
});

export const samples = nodeSamples('softmax-fixed', [
  sample('ten classes', [6, 10], 0.1, 1),
  sample('two classes, a large scale', [1, 2], 4, 1),
  sample('beta', [3, 4, 12], 0.07, 0.5),
  sample('u8, a small scale', [3, 33], 0.004, 1, 'u8'),
  sample('hundreds of equals', [2, 600], 0.00001, 1),
  sample('one element', [5, 1], 0.1, 1),
]);
