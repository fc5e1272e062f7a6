import { nodeSamples } from '../../ir/sample.js';
import {
  type Affine,
  floatType,
  perTensor,
  type QuantElement,
  quantType,
  type Shape,
  type Tensor,
} from '../../ir/type.js';
import { perAxis } from '../../quant/affine.js';

/** A matrix of every stored value. */
export function storedSample(element: QuantElement, shape: Shape, affine: Affine): Tensor {
  const type = quantType(element, shape, affine);
  const [low, high] = type.range;
  const length = shape[0] * shape[1];
  const values = Array.from({ length }, (_, i) => low + ((i * 89 + (i >> 4)) % (high - low + 1)));
  return { type, data: element === 's8' || element === 's4' ? Int8Array.from(values) : Uint8Array.from(values) };
}

/** Scales of rows of `columns`, in blocks. */
export function blocksOf(rows: number, columns: number, block: number, zero: (i: number) => number): Affine {
  const length = rows * Math.ceil(columns / block);
  const scales = Float32Array.from({ length }, (_, i) => 0.01 + 0.003 * (i % 7));
  return { per: 'block', axis: 1, block, scales, zeroPoints: Int32Array.from({ length }, (_, i) => zero(i)) };
}

const rows = [0.02, 0.5, 0.03, 0.7, 0.001];

export const samples = nodeSamples('linear-stored', [
  {
    name: 's8, a scale for each row, bias',
    attrs: {},
    operands: [
      floatType([1, 1, 7, 37]),
      storedSample('s8', [5, 37], perAxis(0, rows, [0, 0, 0, 0, 0])),
      floatType([5]),
    ],
    results: [floatType([1, 1, 7, 5])],
  },
  {
    name: 's4 in blocks of 32, one row',
    attrs: {},
    operands: [
      floatType([1, 75]),
      storedSample(
        's4',
        [9, 75],
        blocksOf(9, 75, 32, () => 0),
      ),
    ],
    results: [floatType([1, 9])],
  },
  {
    name: 'u4 with zero points, blocks that no vector fits',
    attrs: {},
    operands: [
      floatType([4, 22]),
      storedSample(
        'u4',
        [6, 22],
        blocksOf(6, 22, 5, (i) => i % 16),
      ),
      floatType([6]),
    ],
    results: [floatType([4, 6])],
  },
  {
    name: 'u8 with one zero point',
    attrs: {},
    operands: [floatType([3, 16]), storedSample('u8', [4, 16], perTensor(0.02, 131))],
    results: [floatType([3, 4])],
  },
]);
