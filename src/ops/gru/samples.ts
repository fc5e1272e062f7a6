import { nodeSamples } from '../../ir/sample.js';
import { floatType, quantType, type Shape } from '../../ir/type.js';
import { perAxis } from '../../quant/affine.js';
import { spreadFloats, spreadIntegers } from '../recurrent-samples.js';

function sample(
  name: string,
  [seq, batch, hidden]: Shape,
  more: { reverse?: boolean; bias?: boolean; stored?: boolean },
) {
  const state = floatType([batch, hidden]);
  const weights = (rows: number) => {
    const scales = Float32Array.from({ length: rows }, (_, o) => 0.002 + 0.0001 * (o % 7));
    const shape = [rows, 1, 1, hidden];
    return more.stored
      ? spreadIntegers(quantType('s8', shape, perAxis(0, scales, new Int32Array(rows))))
      : spreadFloats(shape);
  };
  const gates = floatType([seq, batch, 3 * hidden]);
  return {
    name,
    attrs: { reverse: more.reverse === true },
    operands: [gates, weights(2 * hidden), weights(hidden), state, ...(more.bias ? [spreadFloats([hidden])] : [])],
    results: [floatType([seq, batch, hidden]), state],
  };
}

export const samples = nodeSamples('gru', [
  sample('f32', [5, 1, 16], { bias: true }),
  sample('f32, odd sizes, backwards, reset before the product', [3, 2, 13], { reverse: true }),
  sample('s8 weights', [4, 1, 32], { bias: true, stored: true }),
  sample('s8 weights, odd sizes, backwards, reset before the product', [3, 3, 19], { reverse: true, stored: true }),
]);
