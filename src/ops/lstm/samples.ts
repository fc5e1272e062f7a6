import { nodeSamples } from '../../ir/sample.js';
import { floatType, quantType, type Shape } from '../../ir/type.js';
import { perAxis } from '../../quant/affine.js';
import { spreadFloats, spreadIntegers } from '../recurrent-samples.js';

function sample(
  name: string,
  [seq, batch, hidden]: Shape,
  more: { reverse?: boolean; peephole?: boolean; stored?: boolean },
) {
  const rows = 4 * hidden;
  const state = floatType([batch, hidden]);
  const weights = [rows, 1, 1, hidden];
  const scales = Float32Array.from({ length: rows }, (_, o) => 0.002 + 0.0001 * (o % 7));
  const r = more.stored
    ? spreadIntegers(quantType('s8', weights, perAxis(0, scales, new Int32Array(rows))))
    : spreadFloats(weights);
  return {
    name,
    attrs: { reverse: more.reverse === true },
    operands: [floatType([seq, batch, rows]), r, state, state, ...(more.peephole ? [spreadFloats([3 * hidden])] : [])],
    results: [floatType([seq, batch, hidden]), state, state],
  };
}

export const samples = nodeSamples('lstm', [
  sample('f32', [5, 1, 16], {}),
  sample('f32, odd sizes, backwards, peephole', [3, 2, 13], { reverse: true, peephole: true }),
  sample('s8 weights', [4, 1, 32], { stored: true }),
  sample('s8 weights, odd sizes, backwards, peephole', [3, 3, 19], { reverse: true, peephole: true, stored: true }),
]);
