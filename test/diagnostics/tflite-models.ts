/** Q07xx: TFLite models and their arithmetic. */

import { lowerModel } from '../../src/compiler.js';
import { node, tensor, value } from '../onnx/model-builder.js';
import {
  FLOAT32,
  INT8,
  INT16,
  INT32,
  INT64,
  int8Bytes,
  int32Bytes,
  type OperatorSpec,
  STRING,
  type TensorSpec,
  type TfliteSpec,
  tfliteModel,
} from '../tflite/model-builder.js';
import { type Case, type Cases, caught, ofModel } from './cases.js';

function of(what: string, spec: TfliteSpec): Case {
  return ofModel(what, tfliteModel(spec), {}, 'm.tflite');
}

const x: TensorSpec = { name: 'x', type: INT8, shape: [1, 4, 4, 2], scales: [0.5], zeros: [3] };
const w: TensorSpec = {
  name: 'filter',
  type: INT8,
  shape: [3, 1, 1, 2],
  scales: [0.5, 0.25, 0.125],
  data: int8Bytes([1, 2, 3, 4, 5, 6]),
};
const b: TensorSpec = {
  name: 'bias',
  type: INT32,
  shape: [3],
  scales: [0.25, 0.125, 0.0625],
  data: int32Bytes([7, 8, 9]),
};
const y: TensorSpec = { name: 'features/Relu', type: INT8, shape: [1, 4, 4, 3], scales: [0.5], zeros: [-1] };
const conv: OperatorSpec = {
  code: 3,
  version: 3,
  inputs: [0, 1, 2],
  outputs: [3],
  optionsType: 1,
  options: [
    [0, 'i8', 1],
    [1, 'i32', 1],
    [2, 'i32', 1],
  ],
};

/** A CONV_2D, other parts in place of some of its own. */
function convolution(parts: {
  readonly x?: Partial<TensorSpec>;
  readonly w?: Partial<TensorSpec>;
  readonly b?: Partial<TensorSpec>;
  readonly y?: Partial<TensorSpec>;
  readonly conv?: Partial<OperatorSpec>;
  readonly model?: Partial<TfliteSpec>;
}): TfliteSpec {
  return {
    tensors: [
      { ...x, ...parts.x },
      { ...w, ...parts.w },
      { ...b, ...parts.b },
      { ...y, ...parts.y },
    ],
    operators: [{ ...conv, ...parts.conv }],
    inputs: [0],
    outputs: [3],
    ...parts.model,
  };
}

/** `name` of two tensors and no options. */
function unary(code: number, from: Partial<TensorSpec>, to: Partial<TensorSpec>, more: Partial<OperatorSpec> = {}) {
  const tensors = [
    { ...x, ...from },
    { ...y, ...to },
  ];
  const operators = [{ code, inputs: [0], outputs: [1], ...more }];
  return { tensors, operators, inputs: [0], outputs: [1] };
}

/** int16 without zero point. */
const wide: Partial<TensorSpec> = { type: INT16, shape: [1, 4, 4, 2], scales: [0.5], zeros: [0] };

/** An int16 layer of 1032 products with an int32 bias. */
function manyProducts(weight: number): TfliteSpec {
  const image = { ...wide, shape: [1, 1, 1, 1032] };
  return convolution({
    x: image,
    w: { shape: [3, 1, 1, 1032], data: int8Bytes(new Array<number>(3096).fill(weight)) },
    y: { ...wide, shape: [1, 1, 1, 3] },
    conv: { options: [...(conv.options ?? []), [6, 'i8', INT32]] },
  });
}

const pool: Partial<OperatorSpec> = {
  optionsType: 5,
  options: [
    [0, 'i8', 1],
    [1, 'i32', 1],
    [2, 'i32', 1],
    [3, 'i32', 2],
    [4, 'i32', 2],
  ],
};

/** The bytes of a model with one of them, or the number of them, changed. */
function damaged(what: string, change: (bytes: Uint8Array) => Uint8Array): Case {
  return ofModel(what, change(Uint8Array.from(tfliteModel(convolution({})))), {}, 'm.tflite');
}

/** A QLinearMatMul of `k` products under TFLite's rule. */
function fullyConnected(what: string, k: number, bScale: number, yScale: number): Case {
  const spec = {
    inputs: [value('x', 's8', [1, k])],
    outputs: ['y'],
    initializers: {
      xs: tensor('f32', [], [1]),
      z: tensor('s8', [], [0]),
      w: tensor('s8', [k, 1], new Array<number>(k).fill(127)),
      ws: tensor('f32', [], [bScale]),
      ys: tensor('f32', [], [yScale]),
    },
    nodes: [node('QLinearMatMul', ['x', 'xs', 'z', 'w', 'ws', 'z', 'ys', 'z'], ['y'], {}, 'dense')],
  };
  return ofModel(what, spec, { rounding: 'tflite' });
}

export const tfliteModels: Cases = {
  Q0701: [fullyConnected('an output scale far too small', 1000, 1, 1e-6)],
  Q0702: [fullyConnected('sums of 25 bits, one next to a tie', 1000, 0.00006308884621830657, 3.259974241256714)],
  Q0703: [
    damaged('cut off', (bytes) => bytes.subarray(0, bytes.length / 2)),
    damaged('a root that lies outside', (bytes) => {
      bytes.set([255, 255, 255, 127], 0);
      return bytes;
    }),
    of('another schema', convolution({ model: { schema: 2 } })),
    of('a tensor that is not there', convolution({ conv: { inputs: [0, 1, 9] } })),
  ],
  Q0704: [
    of('LSTM, twice', {
      tensors: [x, y],
      operators: [
        { code: 16, inputs: [0], outputs: [1] },
        { code: 16, inputs: [0], outputs: [1] },
      ],
      inputs: [0],
      outputs: [1],
    }),
    of('a custom operator', unary(32, {}, {}, { custom: 'TFLite_Detection_PostProcess' })),
    of('a number beyond the list', unary(4000, {}, {})),
  ],
  Q0705: [of('a convolution of tomorrow', convolution({ conv: { version: 99 } }))],
  Q0706: [
    of('read before it is made', convolution({ model: { inputs: [] } })),
    of('no output', convolution({ model: { outputs: [] } })),
    of('a negative dimension', convolution({ x: { shape: [-1, 4, 4, 2] } })),
    of('made twice', convolution({ model: { operators: [conv, conv] } })),
  ],
  Q0707: [
    of('text', convolution({ x: { type: STRING } })),
    of('a variable', convolution({ x: { isVariable: true } })),
    of('an element of tomorrow', convolution({ x: { type: 99 } })),
  ],
  Q0708: [
    of('dynamic range', convolution({ x: { type: FLOAT32 }, y: { type: FLOAT32 } })),
    of('a fused TANH', convolution({ conv: { options: [...(conv.options ?? []), [3, 'i8', 4]] } })),
    of('a stride of 0', convolution({ conv: { options: [[0, 'i8', 1]] } })),
    of('the options of another operator', convolution({ conv: { optionsType: 5 } })),
  ],
  Q0709: [
    of('an output declared too small', convolution({ y: { shape: [1, 4, 3, 3] } })),
    of('channels that do not divide', convolution({ x: { shape: [1, 4, 4, 3] } })),
    of(
      'a window larger than the image',
      convolution({ w: { shape: [3, 9, 1, 2], data: int8Bytes(new Array(54).fill(1)) } }),
    ),
  ],
  Q0710: [of('a zero point of 5', convolution({ w: { zeros: [0, 5, 0] } }))],
  Q0711: [
    of('one channel', convolution({ b: { scales: [0.25, 0.5, 0.0625] } })),
    of('two scales', convolution({ b: { scales: [0.25, 0.5], zeros: [0, 0] } })),
  ],
  Q0712: [
    of('a scale of 0', convolution({ x: { scales: [0] } })),
    of('a scale that is not a number', convolution({ y: { scales: [Number.NaN] } })),
    of('a zero point outside', convolution({ x: { zeros: [200] } })),
    of('two scales for three channels', convolution({ w: { scales: [0.5, 0.25], zeros: [0, 0] } })),
    of('fewer zero points', convolution({ w: { zeros: [0] } })),
  ],
  Q0713: [
    of('a pool between two scales', unary(1, {}, { shape: [1, 3, 3, 2] }, pool)),
    of('a softmax of another scale', unary(25, {}, { shape: x.shape }, { optionsType: 9, options: [[0, 'f32', 1]] })),
  ],
  Q0714: [of('five weights for six', convolution({ w: { data: int8Bytes([1, 2, 3, 4, 5]) } }))],
  Q0715: [of('two subgraphs', convolution({ model: { subgraphs: 2 } }))],
  Q0716: [
    of('weights that are an input', {
      tensors: [x, { name: 'filter', type: INT8, shape: [3, 1, 1, 2], scales: [0.5] }, b, y],
      operators: [conv],
      inputs: [0, 1],
      outputs: [3],
    }),
  ],
  Q0717: [of('a convolution without a filter', convolution({ conv: { inputs: [0] } }))],
  Q0718: [
    {
      what: 'calibrated ranges',
      file: 'm.tflite',
      diagnostics: () =>
        caught(() => {
          const source = { model: tfliteModel(convolution({})), fileName: 'm.tflite', ranges: new Map() };
          return lowerModel(source).diagnostics;
        }),
    },
  ],
  Q0730: [
    of('HARD_SWISH', unary(117, wide, { ...wide, name: 'h' })),
    of('RELU6 into int8', unary(21, wide, { shape: x.shape })),
    of('powers of two that broadcast', {
      tensors: [
        { ...x, ...wide },
        { ...x, ...wide, name: 'z', shape: [2] },
        { ...y, ...wide },
      ],
      operators: [{ code: 0, version: 2, inputs: [0, 1], outputs: [2] }],
      inputs: [0, 1],
      outputs: [2],
    }),
  ],
  Q0731: [of('an input', convolution({ x: { type: INT16, zeros: [3] } }))],
  Q0732: [
    of('a layer of 1032 products with an int32 bias', manyProducts(127)),
    of('a tanh of a scale far too large', unary(28, { ...wide, scales: [16] }, { ...wide, scales: [2 ** -15] })),
  ],
  Q0733: [
    of('an int32 bias nobody mentions', convolution({ x: { ...wide }, y: { ...wide, shape: y.shape } })),
    of(
      'an int64 bias said to be int32',
      convolution({
        x: { ...wide },
        y: { ...wide, shape: y.shape },
        b: { type: INT64, data: new Uint8Array(24) },
        conv: { options: [...(conv.options ?? []), [6, 'i8', INT32]] },
      }),
    ),
  ],
  Q0734: [ofModel('a clamp', tfliteModel(unary(21, wide, { ...wide, name: 'r' })), { rounding: 'onnx' }, 'm.tflite')],
};
