/** A network of int16 activations as other tools write it: QDQ of opset 21, s8 weights, every kernel of int16 in it. */
import type { OnnxNode, OnnxTensor } from '../../src/onnx/model.js';
import { model, node, tensor, value } from './model-builder.js';

/**
 * [1,8,12,12] floats -> 10 floats on a grid of int16. @param finer by how much that grid is finer: with 1 a difference in an early layer
 * stays within a step, with 10 it does not.
 */
export function wideModel(finer = 1): Uint8Array {
  const initializers: Record<string, OnnxTensor> = {};
  const nodes: OnnxNode[] = [];
  const quantized = (from: string, name: string, scale: number, element: 's16' | 's8' = 's16', zero = 0): string => {
    initializers[`${name}_scale`] = tensor('f32', [], [scale]);
    initializers[`${name}_zero`] = tensor(element, [], [zero]);
    const constants = [`${name}_scale`, `${name}_zero`];
    nodes.push(node('QuantizeLinear', [from, ...constants], [`${name}_q`]));
    nodes.push(node('DequantizeLinear', [`${name}_q`, ...constants], [name]));
    return name;
  };
  const weights = (name: string, dims: readonly number[], axis: number): string => {
    const count = dims.reduce((a, b) => a * b, 1);
    const stored = Array.from({ length: count }, (_, i) => ((i * 7919 + count * 31) % 253) - 126);
    const scales = Array.from({ length: dims[axis] }, (_, i) => 0.001 + 0.0003 * ((i * 5) % 7));
    initializers[`${name}_q`] = tensor('s8', dims, stored);
    initializers[`${name}_scale`] = tensor('f32', [dims[axis]], scales);
    initializers[`${name}_zero`] = tensor(
      's8',
      [dims[axis]],
      scales.map(() => 0),
    );
    nodes.push(node('DequantizeLinear', [`${name}_q`, `${name}_scale`, `${name}_zero`], [name], { axis }));
    return name;
  };
  const conv = (from: string, name: string, dims: readonly number[], group = 1): string => {
    const pad = (dims[2] - 1) / 2;
    nodes.push(
      node('Conv', [from, weights(`${name}_w`, dims, 0)], [name], { pads: [pad, pad, pad, pad], group }, name),
    );
    return name;
  };
  const x = quantized('x', 'xd', 1 / 8000);
  const a = quantized(conv(x, 'first', [16, 8, 3, 3]), 'a', 0.0004);
  const b = quantized(conv(a, 'depthwise', [16, 1, 3, 3], 16), 'b', 0.0003);
  const c = quantized(conv(b, 'pointwise', [16, 16, 1, 1]), 'c', 0.0004);
  nodes.push(node('Add', [a, c], ['sum'], {}, 'add'));
  const s = quantized('sum', 's', 0.0005);
  nodes.push(node('MaxPool', [s], ['largest'], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }, 'largest'));
  nodes.push(node('Mul', [quantized('largest', 'bytes', 0.1, 's8', 3), b], ['product'], {}, 'mul'));
  const p = quantized('product', 'p', 0.002);
  nodes.push(node('AveragePool', [p], ['pooled'], { kernel_shape: [2, 2], strides: [2, 2] }, 'pool'));
  nodes.push(node('GlobalAveragePool', [quantized('pooled', 'q', 0.0015)], ['mean'], {}, 'mean'));
  nodes.push(node('Flatten', [quantized('mean', 'm', 0.0002)], ['flat']));
  const f = quantized('flat', 'f', 0.0002);
  nodes.push(node('MatMul', [f, weights('last_w', [16, 10], 1)], ['last'], {}, 'last'));
  quantized('last', 'y', 0.0004 / finer);
  return model({
    name: 'wide',
    opset: 21,
    irVersion: 10,
    inputs: [value('x', 'f32', [1, 8, 12, 12])],
    outputs: [value('y', 'f32', [1, 10])],
    initializers,
    nodes,
  });
}
