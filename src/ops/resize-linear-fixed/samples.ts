import { nodeSamples } from '../../ir/sample.js';
import { indexType, perTensor, type QuantElement, quantType, type Shape, type Tensor } from '../../ir/type.js';

const typed = (element: QuantElement, shape: Shape) => quantType(element, shape, perTensor(0.1, 7));

/** Neighbours and weights of `to` places spread over `from`. */
function table(from: number, to: number): [Tensor, Tensor] {
  const index = new Int32Array(2 * to);
  const weights = new Int32Array(2 * to);
  for (let i = 0; i < to; i++) {
    const at = Math.max(0, Math.min(1024 * (from - 1), Math.round(((i + 0.5) * from * 1024) / to) - 512));
    const low = Math.floor(at / 1024);
    index.set([low, Math.min(low + 1, from - 1)], 2 * i);
    weights.set([1024 - (at - 1024 * low), at - 1024 * low], 2 * i);
  }
  const type = indexType('s32', [to, 2]);
  return [
    { type, data: index },
    { type, data: weights },
  ];
}

const sample = (name: string, element: QuantElement, [n, h, w, c]: Shape, oh: number, ow: number) => ({
  name,
  attrs: {},
  operands: [typed(element, [n, h, w, c]), ...table(h, oh), ...table(w, ow)],
  results: [typed(element, [n, oh, ow, c])],
});

export const samples = nodeSamples('resize-linear-fixed', [
  sample('larger', 's8', [1, 4, 5, 3], 8, 10),
  sample('smaller', 's8', [2, 7, 6, 17], 3, 4),
  sample('bytes without sign, one row', 'u8', [1, 1, 5, 1], 1, 13),
]);
