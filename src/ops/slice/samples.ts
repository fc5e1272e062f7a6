import { make } from '../../ir/build.js';
import { noOrigin } from '../../ir/graph.js';
import type { Sample } from '../../ir/sample.js';
import { floatType, indexType, perTensor, quantType, type TensorType } from '../../ir/type.js';

function sample(name: string, x: TensorType, starts: number[], steps: number[], sizes: number[]): Sample {
  return {
    name: `${name}: ${x.element}[${x.shape}]`,
    inputs: [x],
    build: ([value]) => [make('slice', { starts, steps, sizes }, [value], { ...x, shape: sizes }, noOrigin)],
  };
}
const q = quantType('s8', [4, 5, 6], perTensor(0.1, 3));

export const samples: readonly Sample[] = [
  sample('a run', q, [0, 1, 0], [1, 1, 1], [4, 3, 6]),
  sample('every second, from the end', q, [3, 4, 5], [-1, -2, -3], [4, 3, 2]),
  sample('strides forwards', floatType([7, 9]), [1, 0], [2, 4], [3, 3]),
  sample('nothing', floatType([3, 4]), [0, 0], [1, 1], [0, 4]),
  sample('of 64 bits', indexType('s64', [6, 3]), [5, 0], [-2, 1], [3, 2]),
  sample('of 16 bits', quantType('s16', [8], perTensor(1, 0)), [7], [-1], [8]),
  sample(
    'more loops than the kernel has',
    floatType([3, 3, 3, 3, 3, 3, 3]),
    Array(7).fill(2),
    Array(7).fill(-2),
    Array(7).fill(2),
  ),
];
