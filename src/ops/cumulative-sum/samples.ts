import { nodeSamples } from '../../ir/sample.js';
import { floatType, indexType, type TensorType } from '../../ir/type.js';

function sample(x: TensorType, axis: number, exclusive: boolean, reverse: boolean) {
  const name = `${exclusive ? 'exclusive ' : ''}${reverse ? 'reverse ' : ''}${x.element}[${x.shape}] along ${axis}`;
  return { name, attrs: { axis, exclusive, reverse }, operands: [x], results: [x] };
}

export const samples = nodeSamples('cumulative-sum', [
  sample(floatType([3, 50]), 1, false, false),
  sample(floatType([2, 7, 3]), 1, true, false),
  sample(floatType([9, 4]), 0, false, true),
  sample(indexType('s64', [30]), 0, false, false),
  sample(indexType('s32', [4, 6]), 1, true, true),
]);
