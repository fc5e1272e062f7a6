import { nodeSamples } from '../../ir/sample.js';
import { floatType, indexType, perTensor, quantType, type TensorType } from '../../ir/type.js';

// Few distinct values in long slices, so that ties decide.
const coarse = quantType('s8', [2, 60, 3], perTensor(0.1, 0), [-3, 3]);

function sample(fn: 'max' | 'min', x: TensorType, axis: number, k: number) {
  const shape = x.shape.map((d, i) => (i === axis ? k : d));
  return {
    name: `${k} ${fn} of ${x.element}[${x.shape}] along ${axis}`,
    attrs: { fn, axis, k },
    operands: [x],
    results: [{ ...x, shape }, indexType('s64', shape)],
  };
}

export const samples = nodeSamples('top-k', [
  sample('max', floatType([3, 40]), 1, 7),
  sample('min', floatType([9, 4]), 0, 9),
  sample('max', coarse, 1, 20),
  sample('min', coarse, 1, 5),
  sample('max', quantType('u8', [80], perTensor(0.1, 7)), 0, 1),
  sample('min', indexType('s32', [2, 30]), 1, 4),
  sample('max', indexType('s64', [30, 2]), 0, 30),
]);
