/** Q02xx: operators, attributes and dimensions. */
import { graph, node, stringTensor, tensor, value } from '../onnx/model-builder.js';
import { type Cases, ofModel } from './cases.js';

const x = value('x', 'f32', [2]);
const y = value('y', 'f32', [2]);
const image = value('x', 'f32', [1, 2, 4, 4]);
const weights = { w: tensor('f32', [3, 2, 3, 3], new Array<number>(54).fill(0.5)) };
const relu = node('Relu', ['x'], ['y']);

/** One turn of a loop over x that goes on while `goesOn`. */
function turn(goesOn: string) {
  const head = [value('i', 's64', []), value('go', 'bool', [])];
  const nodes = [node('Relu', ['a'], ['b']), node('Identity', [goesOn], ['next'])];
  return graph({ name: 'turn', inputs: [...head, value('a', 'f32', [2])], outputs: ['next', 'b'], nodes });
}

export const operators: Cases = {
  Q0201: [
    ofModel('an operator nobody knows', { inputs: [x], outputs: [y], nodes: [node('Frob', ['x'], ['y'])] }),
    ofModel('spelled in another case', { inputs: [x], outputs: [y], nodes: [node('relu', ['x'], ['y'])] }),
    ofModel('many of one kind are one message; another kind another', {
      inputs: [x],
      outputs: [y],
      nodes: [
        node('Frob', ['x'], ['a']),
        node('Frob', ['x'], ['b']),
        node('Nicate', ['x'], ['c']),
        node('Sum', ['a', 'b', 'c'], ['y']),
      ],
    }),
    ofModel('of another domain', {
      inputs: [x],
      outputs: [y],
      domains: { 'com.microsoft': 1 },
      nodes: [node('com.microsoft:Frob', ['x'], ['y'])],
    }),
  ],
  Q0202: [
    ofModel('strings', {
      inputs: [value('s', 'string', [1]), x],
      outputs: [y],
      initializers: { unused: stringTensor([1], ['a']) },
      nodes: [relu],
    }),
  ],
  Q0203: [
    ofModel('a symbolic length', { inputs: [value('x', 'f32', ['N', 'seq', 4])], outputs: ['y'], nodes: [relu] }),
    ofModel('two lengths, each told', {
      inputs: [value('x', 'f32', ['N', 4, 'H', 'W'])],
      outputs: ['y'],
      nodes: [relu],
    }),
    ofModel('a length without a name', { inputs: [value('x', 'f32', [1, null])], outputs: ['y'], nodes: [relu] }),
    ofModel('no shape', {
      inputs: [{ name: 'x', elemType: 'f32', dims: undefined }],
      outputs: ['y'],
      nodes: [relu],
    }),
  ],
  Q0204: [
    ofModel(
      'a misspelled dimension',
      { inputs: [value('x', 'f32', ['N', 'length'])], outputs: ['y'], nodes: [relu] },
      {
        dims: new Map([
          ['lenght', 8],
          ['length', 8],
        ]),
      },
    ),
    ofModel('no symbols at all', { inputs: [x], outputs: [y], nodes: [relu] }, { dims: new Map([['batch', 1]]) }),
  ],
  Q0205: [
    ofModel('Add of one tensor', { inputs: [x], outputs: [y], nodes: [node('Add', ['x'], ['y'])] }),
    ofModel('Conv without weights', { inputs: [image], outputs: ['y'], nodes: [node('Conv', ['x', ''], ['y'])] }),
  ],
  Q0206: [
    ofModel('a shape that is computed', {
      inputs: [x, value('s', 's64', [1])],
      outputs: ['y'],
      nodes: [node('Reshape', ['x', 's'], ['y'])],
    }),
    ofModel('a scale that is computed', {
      inputs: [x, value('s', 'f32', [])],
      outputs: ['y'],
      nodes: [node('QuantizeLinear', ['x', 's'], ['y'])],
    }),
  ],
  Q0207: [
    ofModel('two lower limits', {
      inputs: [x],
      outputs: [y],
      initializers: { low: tensor('f32', [2], [0, 1]) },
      nodes: [node('Clip', ['x', 'low'], ['y'])],
    }),
  ],
  Q0208: [
    ofModel('beyond the last', { inputs: [x], outputs: [y], nodes: [node('Softmax', ['x'], ['y'], { axis: 1 })] }),
    ofModel('before the first', { inputs: [x], outputs: [y], nodes: [node('Softmax', ['x'], ['y'], { axis: -2 })] }),
  ],
  Q0209: [
    ofModel('float and integer', {
      inputs: [x, value('i', 's64', [2])],
      outputs: ['y'],
      nodes: [node('Add', ['x', 'i'], ['y'])],
    }),
  ],
  Q0210: [
    ofModel('what cannot be broadcast', {
      inputs: [x, value('z', 'f32', [3])],
      outputs: ['y'],
      nodes: [node('Add', ['x', 'z'], ['y'])],
    }),
    ofModel('more channels than the weights have', {
      inputs: [value('x', 'f32', [1, 5, 4, 4])],
      outputs: ['y'],
      initializers: weights,
      nodes: [node('Conv', ['x', 'w'], ['y'])],
    }),
    ofModel('a window larger than the image', {
      inputs: [value('x', 'f32', [1, 2, 2, 2])],
      outputs: ['y'],
      initializers: weights,
      nodes: [node('Conv', ['x', 'w'], ['y'])],
    }),
    ofModel('elements that get lost', {
      inputs: [x],
      outputs: ['y'],
      initializers: { s: tensor('s64', [2], [2, 2]) },
      nodes: [node('Reshape', ['x', 's'], ['y'])],
    }),
    ofModel('two at once, in graph order', {
      inputs: [x, value('z', 'f32', [3])],
      outputs: ['y', 'v'],
      nodes: [node('Add', ['x', 'z'], ['y']), node('Mul', ['z', 'x'], ['v'])],
    }),
  ],
  Q0211: [
    ofModel('a symbolic batch: a note', { inputs: [value('x', 'f32', ['N', 4])], outputs: ['y'], nodes: [relu] }),
  ],
  Q0212: [
    ofModel('a second output of Relu', { inputs: [x], outputs: ['y', 'z'], nodes: [node('Relu', ['x'], ['y', 'z'])] }),
  ],
  Q0213: [
    ofModel('branches of other shapes', {
      inputs: [x, value('c', 'bool', [])],
      outputs: ['y'],
      nodes: [
        node('If', ['c'], ['y'], {
          then_branch: graph({ outputs: ['a'], nodes: [node('Relu', ['x'], ['a'])] }),
          else_branch: graph({ outputs: ['b'], nodes: [node('Concat', ['x', 'x'], ['b'], { axis: 0 })] }),
        }),
      ],
    }),
    ofModel('a loop that data ends', {
      inputs: [x, value('more', 'bool', [])],
      outputs: ['y'],
      initializers: { n: tensor('s64', [], [4]) },
      nodes: [node('Loop', ['n', '', 'x'], ['y'], { body: turn('more') })],
    }),
  ],
  Q0214: [
    ofModel('an output', { inputs: [x], outputs: [value('y', 'f32', [3])], nodes: [relu] }),
    ofModel('a value within', {
      inputs: [x],
      outputs: ['y'],
      valueInfo: [value('a', 'f32', [1, 2])],
      nodes: [node('Relu', ['x'], ['a']), node('Neg', ['a'], ['y'])],
    }),
  ],
  Q0215: [
    ofModel('a 3-D convolution of stored integers', {
      inputs: [value('x', 'u8', [1, 1, 4, 4, 4])],
      outputs: ['y'],
      initializers: { w: tensor('u8', [1, 1, 1, 1, 1], [1]) },
      nodes: [node('ConvInteger', ['x', 'w'], ['y'])],
    }),
    ofModel('a transposed 3-D convolution', {
      inputs: [value('x', 'f32', [1, 1, 4, 4, 4])],
      outputs: ['y'],
      initializers: { w: tensor('f32', [1, 1, 1, 1, 1], [1]) },
      nodes: [node('ConvTranspose', ['x', 'w'], ['y'])],
    }),
    ofModel('a 4-D pool', {
      inputs: [value('x', 'f32', [1, 1, 4, 4, 4, 4])],
      outputs: ['y'],
      nodes: [node('MaxPool', ['x'], ['y'], { kernel_shape: [2, 2, 2, 2] })],
    }),
  ],
  Q0216: [
    ofModel('one stride for two dimensions', {
      inputs: [image],
      outputs: ['y'],
      initializers: weights,
      nodes: [node('Conv', ['x', 'w'], ['y'], { strides: [2] })],
    }),
    ofModel('a stride of 0', {
      inputs: [image],
      outputs: ['y'],
      initializers: weights,
      nodes: [node('Conv', ['x', 'w'], ['y'], { strides: [0, 1] })],
    }),
    ofModel('negative pads', {
      inputs: [image],
      outputs: ['y'],
      initializers: weights,
      nodes: [node('Conv', ['x', 'w'], ['y'], { pads: [-1, 0, 0, 0] })],
    }),
    ofModel('another kernel_shape than the weights', {
      inputs: [image],
      outputs: ['y'],
      initializers: weights,
      nodes: [node('Conv', ['x', 'w'], ['y'], { kernel_shape: [5, 5] })],
    }),
    ofModel('a pool without a window', { inputs: [image], outputs: ['y'], nodes: [node('MaxPool', ['x'], ['y'])] }),
  ],
  Q0217: [
    ofModel('Dropout that drops', {
      inputs: [x],
      outputs: [y],
      initializers: { r: tensor('f32', [], [0.5]), t: tensor('bool', [], [1]) },
      nodes: [node('Dropout', ['x', 'r', 't'], ['y'])],
    }),
  ],
  Q0218: [
    ofModel('a Cast to a type without arithmetic', {
      inputs: [x],
      outputs: ['y'],
      nodes: [node('Cast', ['x'], ['y'], { to: 8 })],
    }),
  ],
  Q0427: [
    ofModel('a loop of a million turns', {
      inputs: [x],
      outputs: ['y'],
      initializers: { n: tensor('s64', [], [1_000_000]) },
      nodes: [node('Loop', ['n', '', 'x'], ['y'], { body: turn('go') })],
    }),
  ],
  Q0428: [
    ofModel('a body of too few inputs', {
      inputs: [x],
      outputs: ['y'],
      initializers: { n: tensor('s64', [], [2]) },
      nodes: [node('Loop', ['n', '', 'x', 'x'], ['y'], { body: turn('go') })],
    }),
  ],
};
