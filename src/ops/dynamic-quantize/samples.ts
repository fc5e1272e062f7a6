import { nodeSamples } from '../../ir/sample.js';
import { floatType, quantType, type Shape, unitAffine } from '../../ir/type.js';

const sample = (name: string, shape: Shape) => ({
  name,
  attrs: {},
  operands: [floatType(shape)],
  results: [quantType('u8', shape, unitAffine), floatType([]), quantType('u8', [], unitAffine)],
});

export const samples = nodeSamples('dynamic-quantize', [sample('a matrix', [5, 37]), sample('one number', [1])]);
