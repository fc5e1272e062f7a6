import { nodeSamples } from '../../ir/sample.js';
import { floatType, perTensor, type QuantElement, quantType, type Shape } from '../../ir/type.js';
import { softmax } from './op.js';

const float = softmax.attrs.fn.flatMap((fn) =>
  [
    { name: 'the last axis', axis: 1, x: floatType([3, 37]) },
    { name: 'an inner axis', axis: 1, x: floatType([2, 5, 7]) },
    { name: 'the first axis', axis: 0, x: floatType([9, 3]) },
    { name: 'one element', axis: 1, x: floatType([3, 1]) },
  ].map(({ name, axis, x }) => ({ name: `${fn}, ${name}`, attrs: { fn, axis }, operands: [x], results: [x] })),
);

const stored = (
  name: string,
  element: QuantElement,
  shape: Shape,
  axis: number,
  x: readonly [number, number],
  y: readonly [number, number],
) => ({
  name,
  attrs: { fn: 'softmax', axis } as const,
  operands: [quantType(element, shape, perTensor(...x))],
  results: [quantType(element, shape, perTensor(...y))],
});

export const samples = nodeSamples('softmax', [
  ...float,
  stored('u8', 'u8', [4, 10], 1, [0.1, 128], [1 / 256, 0]),
  stored('s8', 's8', [4, 10], 1, [0.07, 3], [1 / 255, -128]),
  stored('u8, an inner axis', 'u8', [2, 7, 3], 1, [0.3, 0], [1 / 256, 0]),
  stored('one element', 's8', [5, 1], 1, [0.1, 0], [1 / 256, -128]),
  stored('a large scale', 'u8', [3, 9], 1, [40, 9], [0.003, 17]),
  stored('a zero point in the middle', 's8', [3, 9], 1, [0.01, 9], [0.001, 90]),
]);
