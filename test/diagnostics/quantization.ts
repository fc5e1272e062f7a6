/** Q03xx: quantization that contradicts itself. */

import { type ModelSpec, node, tensor, value } from '../onnx/model-builder.js';
import { convModel } from '../onnx/tiny-models.js';
import { type Case, type Cases, ofModel } from './cases.js';

type Tensors = NonNullable<ModelSpec['initializers']>;

/** y = DequantizeLinear(QuantizeLinear(x)) with other parameters. */
function qdq(what: string, parameters: Tensors): Case {
  return ofModel(what, {
    inputs: [value('x', 'f32', [1, 3, 2])],
    outputs: ['y'],
    initializers: { s: tensor('f32', [], [0.5]), z: tensor('u8', [], [0]), ...parameters },
    nodes: [node('QuantizeLinear', ['x', 's', 'z'], ['q']), node('DequantizeLinear', ['q', 's', 'z'], ['y'])],
  });
}

/** A QLinearConv of 2 input and 3 output channels with other parameters. */
function conv(what: string, parameters: Tensors, inputs: ModelSpec['inputs'] = []): Case {
  const { w, ...rest } = parameters;
  const initializers = {
    xs: tensor('f32', [], [0.5]),
    xz: tensor('u8', [], [0]),
    ...(inputs.length > 0 ? {} : { w: w ?? tensor('s8', [3, 2, 1, 1], [1, 2, 3, 4, 5, 6]) }),
    ws: tensor('f32', [3], [0.5, 0.25, 0.125]),
    wz: tensor('s8', [3], [0, 0, 0]),
    ys: tensor('f32', [], [0.5]),
    yz: tensor('u8', [], [0]),
    ...rest,
  };
  const bias = 'b' in parameters ? ['b'] : [];
  return ofModel(what, {
    inputs: [value('x', 'u8', [1, 2, 4, 4]), ...inputs],
    outputs: ['y'],
    initializers,
    nodes: [
      node('QLinearConv', ['x', 'xs', 'xz', 'w', 'ws', 'wz', 'ys', 'yz', ...bias], ['y'], {}, '/features.0/Conv'),
    ],
  });
}

const scalar = (scale: number) => ({ s: tensor('f32', [], [scale]) });

export const quantization: Cases = {
  Q0301: [
    qdq('zero', scalar(0)),
    qdq('negative', scalar(-0.5)),
    qdq('not a number', scalar(Number.NaN)),
    qdq('infinite', scalar(Number.POSITIVE_INFINITY)),
    qdq('too small for float32', scalar(1e-60)),
    conv('one channel of the weights', { ws: tensor('f32', [3], [0.5, 0, 0.125]) }),
  ],
  Q0302: [conv('fewer zero points', { wz: tensor('s8', [2], [0, 0]) })],
  Q0303: [
    ofModel('int4 has no 9', {
      inputs: [value('x', 's4', [2])],
      outputs: ['y'],
      opset: 21,
      initializers: { s: tensor('f32', [], [0.5]), z: tensor('s8', [], [9]) },
      nodes: [node('DequantizeLinear', ['x', 's', 'z'], ['y'])],
    }),
    ofModel('uint8 has no -1', {
      inputs: [value('x', 'u8', [2])],
      outputs: ['y'],
      initializers: { s: tensor('f32', [], [0.5]), z: tensor('s8', [], [-1]) },
      nodes: [node('DequantizeLinear', ['x', 's', 'z'], ['y'])],
    }),
  ],
  Q0304: [
    conv('16 scales for 3 channels', {
      ws: tensor('f32', [16], new Array<number>(16).fill(0.5)),
      wz: tensor('s8', [16], new Array<number>(16).fill(0)),
    }),
    qdq('the wrong axis', { s: tensor('f32', [2], [0.5, 0.5]), z: tensor('u8', [2], [0, 0]) }),
  ],
  Q0305: [
    conv('a matrix of scales', {
      ws: tensor('f32', [3, 1], [0.5, 0.25, 0.125]),
      wz: tensor('s8', [3, 1], [0, 0, 0]),
    }),
  ],
  Q0306: [
    ofModel('64-bit integers', {
      inputs: [value('x', 's64', [2])],
      outputs: ['y'],
      initializers: { s: tensor('f32', [], [0.5]) },
      nodes: [node('DequantizeLinear', ['x', 's'], ['y'])],
    }),
  ],
  Q0307: [
    ofModel('to float8', {
      inputs: [value('x', 'f32', [2])],
      outputs: ['y'],
      opset: 21,
      initializers: { s: tensor('f32', [], [0.5]) },
      nodes: [node('QuantizeLinear', ['x', 's'], ['y'], { output_dtype: 17 })],
    }),
    ofModel('in half precision', {
      inputs: [value('x', 'f32', [2])],
      outputs: ['y'],
      opset: 23,
      initializers: { s: tensor('f32', [], [0.5]) },
      nodes: [node('QuantizeLinear', ['x', 's'], ['y'], { precision: 10 })],
    }),
  ],
  Q0308: [
    ofModel('an activation per channel', {
      inputs: [value('x', 'f32', [1, 2, 2])],
      outputs: ['y'],
      initializers: {
        s: tensor('f32', [2], [0.5, 0.25]),
        z: tensor('u8', [2], [0, 0]),
        shape: tensor('s64', [1], [4]),
      },
      nodes: [
        node('QuantizeLinear', ['x', 's', 'z'], ['q']),
        node('Reshape', ['q', 'shape'], ['r']),
        node('DequantizeLinear', ['r', 's', 'z'], ['y']),
      ],
    }),
  ],
  Q0309: [
    ofModel('a bias of another scale: a note', convModel({ bs: tensor('f32', [4], [0.0002, 0.001, 0.0001, 0.0003]) })),
  ],
  Q0310: [conv('a bias at the limit', { b: tensor('s32', [3], [2147483647, 0, 0]) })],
  Q0311: [conv('weights that are an input', {}, [value('w', 's8', [3, 2, 1, 1])])],
  Q0312: [conv('scales that explode', { xs: tensor('f32', [], [1e30]), ws: tensor('f32', [3], [1, 1e20, 1]) })],
  Q0320: [
    ofModel('a float model: a note', {
      inputs: [value('x', 'f32', [2])],
      outputs: ['y'],
      nodes: [node('Relu', ['x'], ['y'])],
    }),
  ],
};
