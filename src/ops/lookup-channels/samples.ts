import { nodeSamples } from '../../ir/sample.js';
import { floatType, perTensor, quantType, unitAffine } from '../../ir/type.js';

const bytes = quantType('s8', [3, 256], perTensor(0.02, -5));
const shape = [2, 5, 7, 3];
/** More channels than a block of the kernel. */
const many = 150;

export const samples = nodeSamples('lookup-channels', [
  {
    name: 'pixels to s8, the channels in another order',
    attrs: { swaps: true },
    operands: [
      quantType('u8', shape, unitAffine),
      { type: bytes, data: Int8Array.from({ length: 768 }, (_, i) => (i * 167 + 13 + (i >> 8)) & 255) },
    ],
    results: [quantType('s8', shape, bytes.affine)],
  },
  {
    name: 'pixels with transparency to floats, which stays where it is',
    attrs: { swaps: true },
    operands: [
      quantType('u8', [3, 3, 4], unitAffine),
      { type: floatType([4, 256]), data: Float32Array.from({ length: 1024 }, (_, i) => (i - 500) / 37) },
    ],
    results: [floatType([3, 3, 4])],
  },
  {
    name: 'grey pixels to u8',
    attrs: { swaps: false },
    operands: [
      quantType('u8', [1, 9, 11, 1], unitAffine),
      {
        type: quantType('u8', [1, 256], perTensor(0.1, 3)),
        data: Uint8Array.from({ length: 256 }, (_, i) => (i * 91 + 7) & 255),
      },
    ],
    results: [quantType('u8', [1, 9, 11, 1], perTensor(0.1, 3))],
  },
  {
    name: 's8 to u8 in many channels',
    attrs: { swaps: false },
    operands: [
      quantType('s8', [17, many], perTensor(0.03, 7)),
      {
        type: quantType('u8', [many, 256], perTensor(0.1, 3)),
        data: Uint8Array.from({ length: many * 256 }, (_, i) => (i * 91 + (i >> 8) * 37) & 255),
      },
    ],
    results: [quantType('u8', [17, many], perTensor(0.1, 3))],
  },
]);
