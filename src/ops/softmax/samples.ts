import { nodeSamples } from '../../ir/sample.js';
import { floatType } from '../../ir/type.js';

export const samples = nodeSamples('softmax', [
  { name: 'the last axis', attrs: { axis: 1 }, operands: [floatType([3, 37])], results: [floatType([3, 37])] },
  { name: 'an inner axis', attrs: { axis: 1 }, operands: [floatType([2, 5, 7])], results: [floatType([2, 5, 7])] },
]);
