/** Small sound models that several tests share: one of each kind of program qcc makes. */
import type { OnnxTensor } from '../../src/onnx/model.js';
import { model, node, tensor, value } from './model-builder.js';

/** Deterministic whole numbers from low to high. */
export function wholeNumbers(count: number, seed: number, low: number, high: number): number[] {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + Math.floor((state / 2 ** 32) * (high - low + 1));
  });
}

/** QDQ: quantize, 3x3 convolution with Relu, dequantize. Float in and out. `parameters` replace some of its own. */
export function convModel(parameters: Readonly<Record<string, OnnxTensor>> = {}): Uint8Array {
  return model({
    name: 'conv',
    inputs: [value('x', 'f32', ['batch', 3, 8, 8])],
    outputs: [value('y', 'f32', ['batch', 4, 8, 8])],
    initializers: {
      xs: tensor('f32', [], [0.02]),
      xz: tensor('u8', [], [120]),
      w: tensor('s8', [4, 3, 3, 3], wholeNumbers(108, 1, -127, 127)),
      ws: tensor('f32', [4], [0.01, 0.02, 0.005, 0.015]),
      wz: tensor('s8', [4], [0, 0, 0, 0]),
      b: tensor('s32', [4], [100, -200, 0, 50]),
      bs: tensor('f32', [4], [0.0002, 0.0004, 0.0001, 0.0003]),
      bz: tensor('s32', [4], [0, 0, 0, 0]),
      ys: tensor('f32', [], [0.05]),
      yz: tensor('u8', [], [0]),
      ...parameters,
    },
    nodes: [
      node('QuantizeLinear', ['x', 'xs', 'xz'], ['xq']),
      node('DequantizeLinear', ['xq', 'xs', 'xz'], ['xd']),
      node('DequantizeLinear', ['w', 'ws', 'wz'], ['wd'], { axis: 0 }),
      node('DequantizeLinear', ['b', 'bs', 'bz'], ['bd'], { axis: 0 }),
      node('Conv', ['xd', 'wd', 'bd'], ['c'], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
      node('Relu', ['c'], ['r']),
      node('QuantizeLinear', ['r', 'ys', 'yz'], ['yq']),
      node('DequantizeLinear', ['yq', 'ys', 'yz'], ['y']),
    ],
  });
}

/** A fully connected layer on stored integers: u8 in, s8 weights, u8 out. */
export function denseModel(): Uint8Array {
  return model({
    name: 'dense',
    inputs: [value('x', 'u8', [1, 16, 1, 1])],
    outputs: [value('y', 'u8', [1, 6, 1, 1])],
    initializers: {
      xs: tensor('f32', [], [0.05]),
      xz: tensor('u8', [], [128]),
      w: tensor('s8', [6, 16, 1, 1], wholeNumbers(96, 2, -127, 127)),
      ws: tensor('f32', [], [0.02]),
      wz: tensor('s8', [], [0]),
      ys: tensor('f32', [], [0.3]),
      yz: tensor('u8', [], [130]),
    },
    nodes: [node('QLinearConv', ['x', 'xs', 'xz', 'w', 'ws', 'wz', 'ys', 'yz'], ['y'])],
  });
}

/** Float arithmetic only: y = max(x * a + b, 0), then softmax over the last axis. */
export function floatModel(): Uint8Array {
  return model({
    name: 'float',
    inputs: [value('x', 'f32', [2, 5])],
    outputs: [value('y', 'f32', [2, 5])],
    initializers: {
      a: tensor('f32', [5], [1.5, -0.25, 3, 0.125, -2]),
      b: tensor('f32', [], [0.75]),
    },
    nodes: [
      node('Mul', ['x', 'a'], ['m']),
      node('Add', ['m', 'b'], ['s']),
      node('Relu', ['s'], ['r']),
      node('Softmax', ['r'], ['y'], { axis: -1 }),
    ],
  });
}
