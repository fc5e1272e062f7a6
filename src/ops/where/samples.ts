import { type NodeSample, nodeSamples } from '../../ir/sample.js';
import { floatType, indexType, perTensor, quantType, type Shape, type TensorType } from '../../ir/type.js';

function sample(
  name: string,
  of: (shape: Shape) => TensorType,
  c: Shape,
  a: Shape,
  b: Shape,
  y: Shape,
): NodeSample<'where'> {
  return { name, attrs: {}, operands: [indexType('bool', c), of(a), of(b)], results: [of(y)] };
}

const s8 = (shape: Shape) => quantType('s8', shape, perTensor(0.25, -4));

export const samples = nodeSamples('where', [
  sample('f32', floatType, [4, 33], [4, 33], [4, 33], [4, 33]),
  sample('f64 and a scalar', (shape) => floatType(shape, 'f64'), [4, 33], [4, 33], [], [4, 33]),
  sample('s8, every operand repeats', s8, [3, 1, 1], [1, 4, 1], [1, 1, 5], [3, 4, 5]),
  sample('s16', (shape) => quantType('s16', shape, perTensor(1, 0)), [7], [2, 1], [7], [2, 7]),
  sample('s64, the condition repeats', (shape) => indexType('s64', shape), [1], [3, 5], [3, 5], [3, 5]),
]);
