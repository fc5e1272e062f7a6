import { nodeSamples } from '../../ir/sample.js';
import { floatType, quantType, type Shape, unitAffine } from '../../ir/type.js';

const sample = (name: string, shape: Shape, per: 'run' | 'row' = 'run', rows: Shape = []) => ({
  name,
  attrs: { per },
  operands: [floatType(shape)],
  results: [quantType('u8', shape, unitAffine), floatType(rows), quantType('u8', rows, unitAffine)],
});

export const samples = nodeSamples('dynamic-quantize', [
  sample('a matrix', [5, 37]),
  sample('one number', [1]),
  sample('rows', [2, 3, 19], 'row', [2, 3]),
  sample('one row', [41], 'row'),
]);
