import { nodeSamples } from '../../ir/sample.js';
import { floatType, type Shape } from '../../ir/type.js';
import { spreadFloats } from '../recurrent-samples.js';

function sample(name: string, [seq, batch, hidden]: Shape, reverse: boolean, fn: 'tanh' | 'relu' | 'sigmoid') {
  const state = floatType([batch, hidden]);
  return {
    name,
    attrs: { reverse, fn },
    operands: [floatType([seq, batch, hidden]), spreadFloats([hidden, 1, 1, hidden]), state],
    results: [floatType([seq, batch, hidden]), state],
  };
}

export const samples = nodeSamples('rnn', [
  sample('tanh', [5, 1, 16], false, 'tanh'),
  sample('sigmoid, two in a batch', [2, 2, 9], false, 'sigmoid'),
  sample('relu, odd sizes, backwards', [3, 2, 13], true, 'relu'),
]);
