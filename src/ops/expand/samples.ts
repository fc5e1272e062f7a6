import { make } from '../../ir/build.js';
import { noOrigin } from '../../ir/graph.js';
import type { Sample } from '../../ir/sample.js';
import { floatType, indexType, perTensor, quantType, type Shape, type TensorType } from '../../ir/type.js';

function sample(x: TensorType, shape: Shape): Sample {
  return {
    name: `${x.element}[${x.shape}] to [${shape}]`,
    inputs: [x],
    build: ([value]) => [make('expand', { shape }, [value], { ...x, shape }, noOrigin)],
  };
}

export const samples: readonly Sample[] = [
  sample(floatType([3, 1]), [3, 5]),
  sample(floatType([1, 3]), [4, 3]),
  sample(floatType([]), [2, 3]),
  sample(quantType('s8', [2, 3, 1, 4, 1, 5], perTensor(0.1, 1)), [2, 3, 2, 4, 2, 5]),
  sample(indexType('s64', [2, 1, 3]), [3, 2, 4, 3]),
];
