import { make } from '../../ir/build.js';
import { noOrigin } from '../../ir/graph.js';
import type { Sample } from '../../ir/sample.js';
import { floatType, indexType, perTensor, quantType, type TensorType } from '../../ir/type.js';

function sample(fn: 'max' | 'min', last: boolean, x: TensorType, axis: number): Sample {
  return {
    name: `${last ? 'last ' : ''}${fn} of ${x.element}[${x.shape}] along ${axis}`,
    inputs: [x],
    build([value]) {
      const shape = x.shape.map((d, i) => (i === axis ? 1 : d));
      return [make('arg-extremum', { fn, axis, last }, [value], indexType('s64', shape), noOrigin)];
    },
  };
}

// Few distinct values in long slices, so that ties decide.
const coarse = quantType('s8', [4, 90], perTensor(0.1, 0), [-3, 3]);

export const samples: readonly Sample[] = [
  sample('max', false, floatType([5, 33]), 1),
  sample('min', false, floatType([5, 33]), 0),
  sample('max', true, floatType([2, 7, 3]), 1),
  sample('max', false, coarse, 1),
  sample('min', false, coarse, 1),
  sample('max', true, coarse, 1),
  sample('min', true, coarse, 1),
  sample('max', true, indexType('s32', [3, 40]), 1),
  sample('min', false, indexType('s64', [40, 2]), 0),
  sample('max', false, quantType('u8', [3, 300], perTensor(0.1, 7)), 1),
];
