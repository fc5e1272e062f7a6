/** Q0840 to Q0879: the quantizer. */
import { lowerModel } from '../../src/compiler.js';
import { type ModelSpec, model, node, tensor, value } from '../onnx/model-builder.js';
import { type Case, type Cases, caught } from './cases.js';

/** A float model that is quantized by statistics of nothing. */
function unseen(what: string, spec: ModelSpec): Case {
  return {
    what,
    file: 'm.onnx',
    diagnostics: () =>
      caught(() => lowerModel({ model: model(spec), fileName: 'm.onnx', ranges: new Map() }).diagnostics),
  };
}

export const quantizer: Cases = {
  Q0840: [
    unseen('the places of the maxima of a pool', {
      inputs: [value('x', 'f32', [1, 1, 4, 4])],
      outputs: ['y', 'places'],
      nodes: [node('MaxPool', ['x'], ['y', 'places'], { kernel_shape: [2, 2] }, 'pool')],
    }),
  ],
  Q0841: [
    unseen('a linear layer', {
      inputs: [value('x', 'f32', [1, 2])],
      outputs: ['y'],
      initializers: { w: tensor('f32', [2, 2], [1, 2, 3, 4]) },
      nodes: [node('MatMul', ['x', 'w'], ['y'], {}, 'classify')],
    }),
  ],
};
