import { nodeSamples } from '../../ir/sample.js';
import { perTensor, type QuantElement, quantType, type Shape } from '../../ir/type.js';

const typed = (shape: Shape, scale: number, zero: number, element: QuantElement = 's8') =>
  quantType(element, shape, perTensor(scale, zero));

export const samples = nodeSamples('prelu-fixed', [
  {
    name: 'a slope per channel',
    attrs: {},
    operands: [typed([2, 3, 4, 9], 0.05, 7), typed([9], 0.006, -20)],
    results: [typed([2, 3, 4, 9], 0.041, -3)],
  },
  {
    name: 'a slope per pixel, ties, a narrower range',
    attrs: {},
    operands: [typed([2, 3, 4, 5], 0.5, 0), typed([3, 4, 5], 0.5, 0)],
    results: [{ ...typed([2, 3, 4, 5], 1, 1), range: [-90, 60] }],
  },
  {
    name: 'u8, results larger than operands',
    attrs: {},
    operands: [typed([7, 8], 0.5, 100, 'u8'), typed([8], 0.03, 200, 'u8')],
    results: [typed([7, 8], 0.02, 128, 'u8')],
  },
]);
