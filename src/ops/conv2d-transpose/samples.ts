import { constant, make } from '../../ir/build.js';
import { noOrigin } from '../../ir/graph.js';
import type { Sample } from '../../ir/sample.js';
import {
  allocateNumbers,
  floatType,
  indexType,
  perTensor,
  type QuantType,
  quantType,
  type Shape,
  type TensorType,
} from '../../ir/type.js';
import { conv2dTranspose } from './op.js';

const base = { strides: [1, 1], dilations: [1, 1], pads: [0, 0], groups: 1, rounding: 'onnx' as const };

function float(
  name: string,
  x: Shape,
  w: Shape,
  attrs: Partial<typeof base> & { size: readonly number[] },
  bias = true,
): Sample {
  const all = { ...base, ...attrs };
  const types = [floatType(x), floatType(w), ...(bias ? [floatType([w[0]])] : [])];
  return {
    name,
    inputs: types,
    build(inputs) {
      const [shape] = conv2dTranspose.inferShape(all, types);
      return [make('conv2d-transpose', all, inputs, floatType(shape), noOrigin)];
    },
  };
}

/** Weights and bias are constants, as the kernels of the quantized form want them. */
function quantized(
  name: string,
  x: QuantType,
  w: QuantType,
  y: TensorType,
  attrs: Partial<typeof base> & { size: readonly number[] },
): Sample {
  const all = { ...base, ...attrs };
  return {
    name,
    inputs: [x],
    build([value]) {
      const ws = allocateNumbers(w);
      for (let i = 0; i < ws.length; i++) ws[i] = w.range[0] + ((i * 37 + 11) % (w.range[1] - w.range[0] + 1));
      const oc = w.shape[0];
      const bias = constant('bias', {
        type: quantType('s32', [oc], perTensor(1, 0)),
        data: Int32Array.from({ length: oc }, (_, o) => o * 100 - 150),
      });
      const operands = [value, constant('w', { type: w, data: ws }), bias];
      const [shape] = conv2dTranspose.inferShape(
        all,
        operands.map((v) => v.type),
      );
      return [make('conv2d-transpose', all, operands, { ...y, shape }, noOrigin)];
    },
  };
}

const x8 = quantType('u8', [1, 4, 5, 6], perTensor(0.05, 128));
const w8 = quantType('s8', [5, 3, 3, 6], perTensor(0.01, 0));
const wZero = quantType('u8', [5, 3, 3, 6], perTensor(0.01, 130));
const y8 = quantType('s8', [], perTensor(0.4, -7));

export const samples: readonly Sample[] = [
  float('stride 1', [1, 3, 4, 2], [3, 3, 3, 2], { size: [5, 6] }),
  float('stride 2, no bias', [2, 3, 4, 9], [3, 3, 3, 9], { strides: [2, 2], size: [7, 9] }, false),
  float('stride above the kernel', [1, 3, 3, 8], [2, 2, 2, 8], { strides: [3, 3], size: [8, 8] }),
  float('output longer than the result', [1, 3, 3, 4], [2, 3, 3, 4], { strides: [2, 2], size: [9, 10] }),
  float('pads, dilation, groups', [1, 5, 4, 6], [4, 2, 3, 3], {
    dilations: [2, 1],
    pads: [1, 2],
    strides: [1, 2],
    groups: 2,
    size: [5, 7],
  }),
  quantized('u8 * s8 -> s8', x8, w8, y8, { strides: [2, 2], pads: [1, 1], size: [7, 9] }),
  quantized('weights of 9 bits', x8, wZero, y8, { strides: [2, 1], size: [9, 7] }),
  quantized('dilated', x8, w8, y8, { strides: [2, 2], dilations: [2, 1], size: [11, 11] }),
  quantized('groups, weights of 9 bits', x8, quantType('u8', [4, 3, 3, 3], perTensor(0.01, 130)), y8, {
    strides: [2, 1],
    groups: 2,
    size: [9, 7],
  }),
  quantized('u8 * s8 -> f32', x8, w8, floatType([]), { size: [6, 7] }),
  quantized('u8 * s8 -> s32', x8, w8, indexType('s32', []), { size: [6, 7] }),
];
