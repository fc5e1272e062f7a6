import { nodeSamples } from '../../ir/sample.js';
import { perTensor, type QuantType, quantType, type Shape } from '../../ir/type.js';
import { broadcastShape } from '../broadcast.js';

const u8 = (shape: Shape, scale: number, zero: number) => quantType('u8', shape, perTensor(scale, zero));
const s8 = (shape: Shape, scale: number, zero: number) => quantType('s8', shape, perTensor(scale, zero));
const sample = (name: string, a: QuantType, b: QuantType, y: QuantType) => ({
  name,
  attrs: {},
  operands: [a, b],
  results: [{ ...y, shape: broadcastShape(a.shape, b.shape) }],
});

const s16 = (shape: Shape, scale: number) => quantType('s16', shape, perTensor(scale, 0));

export const samples = nodeSamples('mul', [
  sample('s16', s16([7, 9], 0.002), s16([7, 9], 0.003), s16([], 0.05)),
  sample('s16 by u8 to s8', s16([7, 9], 0.002), u8([9], 0.03, 101), s8([], 0.4, -7)),
  sample('u8', u8([7, 9], 0.02, 128), u8([7, 9], 0.03, 101), u8([], 0.04, 117)),
  sample('ties at an odd zero point', s8([16, 16], 0.5, 0), s8([16, 16], 0.5, 0), s8([], 0.5, 1)),
  sample('saturates at both ends', u8([8, 8], 0.1, 0), u8([8, 8], 0.1, 255), u8([], 0.001, 128)),
  sample('u8 and s8 to u8', u8([3, 5], 0.02, 128), s8([3, 5], 0.03, -3), u8([], 0.04, 9)),
  sample('b is one number', s8([4, 5], 0.02, 1), s8([1], 0.03, 2), s8([], 0.04, 3)),
  sample('a is one number', u8([], 0.02, 1), u8([4, 5], 0.03, 2), u8([], 0.04, 3)),
  sample('a repeats its row', s8([3, 5], 0.02, 1), s8([2, 3, 5], 0.03, 2), s8([], 0.04, 3)),
  sample('one number a row', u8([2, 3, 5], 0.02, 1), u8([2, 3, 1], 0.03, 2), u8([], 0.04, 3)),
  sample('b repeats in the middle', u8([2, 3, 5], 0.02, 1), u8([2, 1, 5], 0.03, 2), u8([], 0.04, 3)),
  sample('both repeat', s8([2, 1, 5], 0.02, 1), s8([1, 3, 1], 0.03, 2), s8([], 0.04, 3)),
  sample(
    'a narrow range',
    u8([9, 9], 0.02, 10),
    u8([9, 9], 0.03, 10),
    quantType('u8', [], perTensor(0.04, 10), [10, 70]),
  ),
]);
