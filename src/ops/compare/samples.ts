import { constant, make } from '../../ir/build.js';
import type { Sample } from '../../ir/sample.js';
import { floatType, indexType, perTensor, quantType, type Shape, type Tensor, type TensorType } from '../../ir/type.js';
import { compare } from './op.js';

const types: readonly (readonly [string, (shape: Shape) => TensorType])[] = [
  ['f32', floatType],
  ['f64', (shape) => floatType(shape, 'f64')],
  ['f16', (shape) => floatType(shape, 'f16')],
  ['bool', (shape) => indexType('bool', shape)],
  ['s32', (shape) => indexType('s32', shape)],
  ['u32', (shape) => indexType('u32', shape)],
  ['s64', (shape) => indexType('s64', shape)],
  ['u64', (shape) => indexType('u64', shape)],
  ['s8', (shape) => quantType('s8', shape, perTensor(0.5, 3))],
  ['u8', (shape) => quantType('u8', shape, perTensor(0.5, 3))],
  ['s16', (shape) => quantType('s16', shape, perTensor(1, 0))],
  ['u16', (shape) => quantType('u16', shape, perTensor(1, 0))],
];

/** Every comparison of two tensors in one program. */
function sample(name: string, inputs: readonly TensorType[], y: Shape, b?: Tensor): Sample {
  return {
    name,
    inputs,
    build(values) {
      const operands = b === undefined ? values : [...values, constant('b', b)];
      return compare.attrs.fn.map((fn) => make('compare', { fn }, operands, indexType('bool', y), { names: [fn] }));
    },
  };
}

const special = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1, 3e38);

export const samples: readonly Sample[] = [
  ...types.map(([name, of]) => sample(`of ${name}`, [of([9, 31]), of([9, 1])], [9, 31])),
  sample('with NaN and infinities', [floatType([7, 64])], [7, 64], { type: floatType([7, 1]), data: special }),
];
