import { seededTensor } from '../../ir/parse.js';
import { type NodeSample, nodeSamples } from '../../ir/sample.js';
import { floatType, quantType, type Shape, type Tensor, unitAffine } from '../../ir/type.js';

const floats = (shape: Shape, seed: number): Tensor => seededTensor(floatType(shape), seed);
const plain: NodeSample<'dynamic-conv'>['attrs'] = {
  strides: [1, 1],
  dilations: [1, 1],
  groups: 1,
  activation: 'none',
};

function sample(
  name: string,
  element: 's8' | 'u8',
  x: Shape,
  w: Tensor,
  y: Shape,
  constants: readonly Tensor[],
  attrs = plain,
  rows: Shape = [],
): NodeSample<'dynamic-conv'> {
  const zero = quantType(element, rows, unitAffine);
  return {
    name,
    attrs,
    operands: [quantType(element, x, unitAffine), w, zero, floatType(rows), ...constants],
    results: [floatType(y)],
  };
}

function weights(shape: Shape, element: 's8' | 's16' = 's8'): Tensor {
  const range = element === 's8' ? ([-128, 127] as const) : ([-255, 255] as const);
  return seededTensor(quantType(element, shape, unitAffine, range), 7);
}

export const samples = nodeSamples('dynamic-conv', [
  sample('rows', 'u8', [1, 1, 13, 35], weights([37, 1, 1, 35]), [1, 1, 13, 37], [floats([37], 1), floats([37], 2)]),
  sample('one row', 'u8', [1, 1, 1, 64], weights([50, 1, 1, 64]), [1, 1, 1, 50], [floats([50], 1), floats([50], 2)]),
  sample(
    's8, one scale',
    's8',
    [1, 1, 5, 33],
    weights([19, 1, 1, 33]),
    [1, 1, 5, 19],
    [floats([], 1), floats([19], 2)],
  ),
  sample(
    'a scale for each row, GELU',
    'u8',
    [1, 2, 6, 35],
    weights([37, 1, 1, 35]),
    [1, 2, 6, 37],
    [floats([37], 1), floats([37], 2)],
    { ...plain, activation: 'gelu' },
    [12],
  ),
  sample(
    's8, a scale for each row, Relu, no bias',
    's8',
    [1, 1, 7, 70],
    weights([5, 1, 1, 70]),
    [1, 1, 7, 5],
    [floats([5], 1)],
    { ...plain, activation: 'relu' },
    [7],
  ),
  sample('no bias', 'u8', [1, 1, 7, 20], weights([66, 1, 1, 20]), [1, 1, 7, 66], [floats([66], 1)]),
  sample(
    'wide weights',
    'u8',
    [1, 1, 6, 18],
    weights([9, 1, 1, 18], 's16'),
    [1, 1, 6, 9],
    [floats([], 1), floats([9], 2)],
  ),
  sample(
    '3x3, stride 2',
    'u8',
    [1, 7, 9, 6],
    weights([17, 3, 3, 6]),
    [1, 3, 4, 17],
    [floats([17], 1), floats([17], 2)],
    {
      ...plain,
      strides: [2, 2],
    },
  ),
]);
