/** Q07xx: TFLite models and their arithmetic. */
import { node, tensor, value } from '../onnx/model-builder.js';
import { type Case, type Cases, ofModel } from './cases.js';

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
};
