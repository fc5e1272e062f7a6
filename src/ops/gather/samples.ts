import { constant, make } from '../../ir/build.js';
import { noOrigin } from '../../ir/graph.js';
import type { Sample } from '../../ir/sample.js';
import { floatType, indexType, perTensor, quantType, type Shape, type TensorType, withShape } from '../../ir/type.js';
import { gather } from './op.js';

/** Indices of the caller, many of them outside. */
function sample(x: TensorType, axis: number, element: 's32' | 's64', shape: Shape): Sample {
  const index = indexType(element, shape);
  return {
    name: `${x.element}[${x.shape}] along ${axis} by ${element}[${shape}]`,
    inputs: [x, index],
    build: (values) => [
      make('gather', { axis }, values, withShape(x, gather.inferShape({ axis }, [x, index])[0]), noOrigin),
    ],
  };
}

function constantSample(x: TensorType, axis: number, places: readonly number[]): Sample {
  const index = constant('index', { type: indexType('s32', [places.length]), data: Int32Array.from(places) });
  return {
    name: `${x.element}[${x.shape}] along ${axis} by [${places}]`,
    inputs: [x],
    build: ([v]) => [
      make('gather', { axis }, [v, index], withShape(x, gather.inferShape({ axis }, [x, index.type])[0]), noOrigin),
    ],
  };
}

export const samples: readonly Sample[] = [
  sample(floatType([60, 4]), 0, 's64', [3, 5]),
  sample(floatType([2, 40]), 1, 's32', [20]),
  sample(quantType('s8', [3, 50, 2], perTensor(0.1, 0)), 1, 's32', [4, 2]),
  sample(indexType('s64', [70]), 0, 's64', []),
  constantSample(quantType('u8', [1, 4, 5, 3], perTensor(0.1, 7)), 1, [0, 0, 1, 3, 2, 2]),
  constantSample(floatType([3, 4]), 1, [3, 0, -1]),
];
