import { nodeSamples } from '../../ir/sample.js';
import { perTensor, quantType, type Shape } from '../../ir/type.js';

const s16 = (shape: Shape, scale: number, range: readonly [number, number] = [-32768, 32767]) =>
  quantType('s16', shape, perTensor(scale, 0), range);

export const samples = nodeSamples('softmax-wide', [
  { name: 'noise', attrs: { beta: 1 }, operands: [s16([4, 33], 0.0003)], results: [s16([4, 33], 2 ** -15)] },
  { name: 'one column', attrs: { beta: 1 }, operands: [s16([5, 1], 0.0003)], results: [s16([5, 1], 2 ** -15)] },
  {
    name: 'near equals, another beta',
    attrs: { beta: 0.4 },
    operands: [s16([3, 400], 0.002, [-300, 300])],
    results: [s16([3, 400], 2 ** -15)],
  },
]);
