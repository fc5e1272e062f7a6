import { make } from '../../ir/build.js';
import { noOrigin } from '../../ir/graph.js';
import type { Sample } from '../../ir/sample.js';
import { floatType, indexType, perTensor, quantType, type TensorType, withShape } from '../../ir/type.js';
import { concat } from './op.js';

/** @param parts sizes along the axis. */
function sample(x: TensorType, axis: number, parts: readonly number[]): Sample {
  const inputs = parts.map((size) =>
    withShape(
      x,
      x.shape.map((d, i) => (i === axis ? size : d)),
    ),
  );
  return {
    name: `${x.element} along ${axis} of [${x.shape}], parts of ${parts}`,
    inputs,
    build: (values) => [
      make('concat', { axis }, values, withShape(x, concat.inferShape({ axis }, inputs)[0]), noOrigin),
    ],
  };
}

/** dequantize -> concat -> quantize with scales of their own: what differs from the result is requantized. */
const mixed: Sample = {
  name: 'quantized with other scales',
  inputs: [quantType('u8', [1, 2, 3, 4], perTensor(0.05, 128)), quantType('u8', [1, 3, 3, 4], perTensor(0.08, 3))],
  build(values) {
    const reals = values.map((v) => make('dequantize', {}, [v], floatType(v.type.shape), noOrigin));
    const joined = make('concat', { axis: 1 }, reals, floatType([1, 5, 3, 4]), noOrigin);
    return [make('quantize', {}, [joined], quantType('u8', [1, 5, 3, 4], perTensor(0.05, 128)), noOrigin)];
  },
};

export const samples: readonly Sample[] = [
  sample(floatType([2, 3, 4]), 0, [1, 2, 3]),
  sample(floatType([2, 3, 4]), 1, [3, 1]),
  sample(quantType('s8', [2, 5, 4], perTensor(0.1, 0)), 2, [4, 7, 1]),
  sample(quantType('u8', [3, 1], perTensor(0.1, 7), [3, 200]), 1, [1, 1, 1, 1]),
  sample(indexType('s64', [3]), 0, [3, 0, 2]),
  sample(indexType('bool', [3, 2]), 1, [2, 2]),
  mixed,
];
