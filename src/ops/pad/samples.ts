import { make } from '../../ir/build.js';
import { noOrigin } from '../../ir/graph.js';
import type { Sample } from '../../ir/sample.js';
import { floatType, indexType, perTensor, quantType, type TensorType } from '../../ir/type.js';
import { pad } from './op.js';

function sample(x: TensorType, before: readonly number[], after: readonly number[], value: number): Sample {
  const attrs = { before, after, value };
  return {
    name: `${x.element}[${x.shape}] with ${value}, ${before} before and ${after} after`,
    inputs: [x],
    build: ([v]) => [make('pad', attrs, [v], { ...x, shape: pad.inferShape(attrs, [x])[0] }, noOrigin)],
  };
}
const image = quantType('u8', [1, 5, 6, 3], perTensor(0.1, 128));

export const samples: readonly Sample[] = [
  sample(image, [0, 1, 2, 0], [0, 3, 1, 0], 128),
  sample(image, [1, 0, 0, 2], [0, 0, 0, 1], 0),
  sample(floatType([3, 4]), [1, 0], [0, 2], -1.5),
  sample(floatType([2, 3]), [0, 1], [0, 0], Number.NEGATIVE_INFINITY),
  sample(floatType([0, 3]), [2, 0], [0, 1], 7),
  sample(indexType('s64', [2, 2]), [1, 1], [1, 1], -5),
  sample(quantType('s16', [3], perTensor(1, 0)), [2], [2], -300),
  sample(floatType([1, 2, 1, 2, 1, 2]), [1, 1, 1, 1, 1, 1], [0, 1, 0, 1, 0, 1], 3),
];
