import { make } from '../../ir/build.js';
import { noOrigin } from '../../ir/graph.js';
import type { Sample } from '../../ir/sample.js';
import {
  floatType,
  indexType,
  perTensor,
  type QuantElement,
  quantType,
  type Shape,
  type TensorType,
} from '../../ir/type.js';
import { matmul } from './op.js';

function sample(name: string, a: TensorType, b: TensorType, y: TensorType, flags = [false, false]): Sample {
  const attrs = { transpose_a: flags[0], transpose_b: flags[1] };
  return {
    name,
    inputs: [a, b],
    build(inputs) {
      const [shape] = matmul.inferShape(attrs, [a, b]);
      return [make('matmul', attrs, inputs, { ...y, shape }, noOrigin)];
    },
  };
}

const f = (...shape: number[]) => floatType(shape);
const q = (element: QuantElement, shape: Shape, scale = 0.05, zero = 3) =>
  quantType(element, shape, perTensor(scale, zero));
const columns = (element: QuantElement, shape: Shape) => {
  const n = shape[shape.length - 1];
  const scales = Float32Array.from({ length: n }, (_, i) => 0.01 * (i + 1));
  return quantType(element, shape, {
    per: 'axis',
    axis: shape.length - 1,
    scales,
    zeroPoints: Int32Array.from({ length: n }, (_, i) => i % 5),
  });
};

export const samples: readonly Sample[] = [
  sample('one by one', f(1, 1), f(1, 1), f()),
  sample('k below, at and above the lanes', f(3, 7), f(7, 5), f()),
  sample('8 columns', f(3, 8), f(8, 5), f()),
  sample('19 columns', f(2, 19), f(19, 17), f()),
  sample('a transposed', f(9, 4), f(9, 6), f(), [true, false]),
  sample('b transposed', f(4, 9), f(6, 9), f(), [false, true]),
  sample('both transposed', f(9, 4), f(6, 9), f(), [true, true]),
  sample('batch', f(2, 3, 4, 5), f(2, 3, 5, 6), f()),
  sample('b repeats', f(2, 3, 4, 5), f(5, 6), f()),
  sample('a repeats', f(4, 5), f(2, 3, 5, 6), f()),
  sample('batches cross', f(2, 1, 3, 4, 5), f(4, 1, 5, 3), f()),
  sample('u8 * s8 -> u8', q('u8', [3, 20], 0.02, 128), q('s8', [20, 9], 0.03, -5), q('u8', [], 0.3, 90)),
  sample('s8 * s8 -> s8, batch', q('s8', [2, 4, 33]), q('s8', [2, 33, 5]), q('s8', [], 0.7, -3)),
  sample('saturates at both ends', q('u8', [5, 17], 0.1), q('u8', [17, 5], 0.1, 128), q('u8', [], 0.001, 128)),
  sample('s8 * u8 -> f32, b transposed', q('s8', [6, 16]), q('u8', [7, 16]), f(), [false, true]),
  sample('u8 * u8 -> s32', q('u8', [6, 16], 1, 7), q('u8', [16, 3], 1, 11), indexType('s32', [])),
  sample('per column', q('u8', [2, 12]), columns('u8', [12, 7]), q('s8', [], 0.2, 1)),
  sample('per column -> f32', q('s8', [2, 12]), columns('s8', [12, 7]), f()),
];
