/** Q01xx: what is wrong with the file itself. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AttributeReader } from '../../src/onnx/attributes.js';
import { externalReader } from '../../src/onnx/external.js';
import { graph, model, node, onnxFunction, stringTensor, tensor, value } from '../onnx/model-builder.js';
import { rawModel } from '../onnx/raw-model.js';
import { type Cases, ofList, ofModel } from './cases.js';

const x = value('x', 'f32', [2]);
const y = value('y', 'f32', [2]);
const relu = node('Relu', ['x'], ['y']);
const sound = model({ inputs: [x], outputs: [y], nodes: [relu] });
const text = (content: string) => new TextEncoder().encode(content);
const latin1 = (content: string) => new Uint8Array(Buffer.from(content, 'latin1'));
/** The first bytes of a ZIP file with one stored entry of this name. */
const zip = (entry: string) => latin1(`PK\x03\x04${'\0'.repeat(22)}${entry}PK\x05\x06`);
const external = (entries: Readonly<Record<string, string>>, dims = [2], dataType = 3) =>
  rawModel({
    initializer: {
      dims,
      dataType,
      rawData: new Uint8Array(0),
      dataLocation: 1,
      externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
    },
  });
const at = (location: string) => external({ location });
/** `y = Relu(x)` with an attribute whose type, the last byte of the node, does not exist. */
const unknownAttributeType = rawModel({ node: { attribute: [{ name: 'a', type: 13 }] } }).map((byte, i, all) =>
  byte === 13 && all[i - 2] === 160 ? 99 : byte,
);

/** The model's folder: a data file of four bytes, and a link that leads out of it. */
const folder = mkdtempSync(join(tmpdir(), 'qcc-external-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const name of ['m.onnx', 'four.bin']) writeFileSync(join(folder, name), Uint8Array.of(1, 2, 3, 4));
mkdirSync(join(folder, 'weights'));
symlinkSync('/etc/passwd', join(folder, 'linked.bin'));
const reader = { externalData: externalReader(join(folder, 'm.onnx')) };

export const modelFile: Cases = {
  Q0101: [
    ofModel('an empty file', new Uint8Array(0)),
    ofModel('a model cut off in the middle', sound.subarray(0, sound.length - 9)),
    ofModel(
      'one byte changed',
      Uint8Array.from(sound, (byte, i) => (i === 0 ? 0xff : byte)),
    ),
    ofModel('zeros', new Uint8Array(64)),
  ],
  Q0102: [
    ofModel('a PyTorch checkpoint', zip('archive/data.pkl')),
    ofModel('an old PyTorch checkpoint', latin1('\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.')),
    ofModel('TorchScript', zip('m/code/__torch__.py\0m/data.pkl\0m/constants.pkl')),
    ofModel('a PyTorch exported program', zip('m/serialized_exported_program.json')),
    ofModel('Keras HDF5', latin1('\x89HDF\r\n\x1a\n\0\0\0\0')),
    ofModel('a Keras archive', zip('model.weights.h5')),
    ofModel('a SavedModel', latin1('\x08\x01\x12\x1a\n\x18saved_model_main_op serve')),
    ofModel('ONNX Runtime format', latin1('\x1c\0\0\0ORTM\0\0')),
    ofModel('a Git LFS pointer', text('version https://git-lfs.github.com/spec/v1\noid sha256:0\n')),
    ofModel('a web page', text('<!DOCTYPE html><html>not found</html>')),
    ofModel('textual ONNX', text('ir_version: 8\ngraph { }\n')),
    ofModel('a NumPy array', latin1("\x93NUMPY\x01\0v\0{'descr': '<f4'}")),
    ofModel('a shell script', text('#!/bin/sh\nrm -rf /\n')),
  ],
  Q0103: [ofModel('no graph', rawModel({ model: { graph: null } }))],
  Q0104: [
    ofModel('too old', model({ irVersion: 2, inputs: [x], outputs: [y], nodes: [relu] })),
    ofModel('from the future', model({ irVersion: 14, inputs: [x], outputs: [y], nodes: [relu] })),
    ofModel('new, but readable: a note', model({ irVersion: 13, inputs: [x], outputs: [y], nodes: [relu] })),
  ],
  Q0105: [
    ofModel('no opset at all', rawModel({ model: { opsetImport: [] } })),
    ofModel('a domain without a version', {
      inputs: [x],
      outputs: [y],
      nodes: [node('com.microsoft:Gelu', ['x'], ['y'])],
    }),
  ],
  Q0106: [
    ofModel('too old', { opset: 0, inputs: [x], outputs: [y], nodes: [relu] }),
    ofModel('too new', { opset: 26, inputs: [x], outputs: [y], nodes: [relu] }),
    ofModel(
      'twice',
      rawModel({
        model: {
          opsetImport: [
            { domain: '', version: 17 },
            { domain: 'ai.onnx', version: 13 },
          ],
        },
      }),
    ),
  ],
  Q0107: [
    ofModel('a domain of somebody', {
      inputs: [x],
      outputs: [y],
      domains: { 'my.ops': 1 },
      nodes: [node('my.ops:Frob', ['x'], ['y'])],
    }),
    ofModel('what ONNX Runtime writes for one CPU', {
      inputs: [x],
      outputs: [y],
      domains: { 'com.microsoft.nchwc': 1 },
      nodes: [node('com.microsoft.nchwc:Conv', ['x'], ['y'])],
    }),
  ],
  Q0108: [
    ofModel('two nodes', {
      inputs: [x],
      outputs: [y],
      nodes: [node('Add', ['x', 'b'], ['a']), node('Relu', ['a'], ['b']), node('Relu', ['b'], ['y'])],
    }),
    ofModel('a node that needs itself', { inputs: [x], outputs: [y], nodes: [node('Add', ['x', 'y'], ['y'])] }),
  ],
  Q0109: [
    ofModel('two nodes write one name', {
      inputs: [x],
      outputs: [y],
      nodes: [relu, node('Neg', ['x'], ['y'], {}, 'second')],
    }),
    ofModel('a node writes an input', { inputs: [x], outputs: [y], nodes: [node('Neg', ['x'], ['x']), relu] }),
    ofModel(
      'two initializers',
      rawModel({
        graph: {
          initializer: [
            { name: 'w', dims: [1], dataType: 3, rawData: Uint8Array.of(1) },
            { name: 'w', dims: [1], dataType: 3, rawData: Uint8Array.of(2) },
          ],
        },
      }),
    ),
    ofModel('one output twice', { inputs: [x], outputs: [y, y], nodes: [relu] }),
  ],
  Q0110: [
    ofModel('a name nobody writes', { inputs: [x], outputs: [y], nodes: [node('Add', ['x', 'ghost'], ['y'])] }),
    ofModel('several, in graph order', {
      inputs: [x],
      outputs: [y],
      nodes: [node('Add', ['x', 'g1'], ['a']), node('Add', ['g2', 'a'], ['b']), node('Mul', ['b', 'g3'], ['y'])],
    }),
  ],
  Q0111: [
    ofModel('an output nobody writes', { inputs: [x], outputs: [y, value('z', 'f32', [2])], nodes: [relu] }),
    ofModel('no outputs', { inputs: [x], outputs: [], nodes: [relu] }),
  ],
  Q0112: [
    ofModel('no operator', rawModel({ node: { opType: '' } })),
    ofModel('no outputs', rawModel({ node: { output: [''] } })),
    ofModel('an initializer without a name', rawModel({ initializer: { name: '' } })),
    ofModel('an input without a name', { inputs: [x, value('', 'f32', [1])], outputs: [y], nodes: [relu] }),
  ],
  Q0113: [
    ofModel('type and value differ', rawModel({ node: { attribute: [{ name: 'a', type: 7, f: 1.5 }] } })),
    ofModel(
      'given twice',
      rawModel({
        node: {
          attribute: [
            { name: 'a', type: 2, i: 1 },
            { name: 'a', type: 2, i: 2 },
          ],
        },
      }),
    ),
    ofModel('an unknown type', unknownAttributeType),
    ofModel('a reference outside a function', {
      inputs: [x],
      outputs: [y],
      nodes: [node('LeakyRelu', ['x'], ['y'], { alpha: { ref: 'slope', of: 'float' } })],
    }),
  ],
  Q0114: [
    ofModel('too few bytes', rawModel({ initializer: { dims: [3] } })),
    ofModel('too many bytes', rawModel({ initializer: { dims: [1] } })),
    ofModel('no data', rawModel({ initializer: { rawData: new Uint8Array(0) } })),
    ofModel('data twice', rawModel({ initializer: { int32Data: [1, 2] } })),
    ofModel('the wrong field', rawModel({ initializer: { rawData: new Uint8Array(0), floatData: [1, 2] } })),
    ofModel('a value outside its type', rawModel({ initializer: { rawData: new Uint8Array(0), int32Data: [1, 200] } })),
  ],
  Q0115: [ofModel('a negative dimension', rawModel({ initializer: { dims: [-2, 3] } }))],
  Q0116: [
    ofModel('a gigantic initializer', rawModel({ initializer: { dims: [1000000, 1000000, 1000000] } })),
    ofModel('a gigantic input', {
      inputs: [value('x', 'f32', [1000000, 1000000])],
      outputs: ['y'],
      nodes: [relu],
    }),
    ofModel('zero does not hide it', rawModel({ initializer: { dims: [0, 2 ** 31 - 1, 2 ** 31 - 1] } })),
    ofModel('dimensions beyond 2^53', rawModel({ initializer: { dims: [Number.MAX_SAFE_INTEGER, 9] } })),
  ],
  Q0117: [
    ofModel('no data file was given', at('w.bin')),
    ofModel('the data file is missing', at('w.bin'), reader),
    ofModel('the data file is too short', external({ location: 'four.bin', offset: '3' }), reader),
    ofModel('it is a folder', at('weights'), reader),
    ofModel('another length than the shape', external({ location: 'w.bin', length: '3' }), reader),
    ofModel('an offset that is no number', external({ location: 'w.bin', offset: '0x10' }), reader),
    ofModel('a negative offset', external({ location: 'w.bin', offset: '-1' }), reader),
  ],
  Q0118: [
    ofModel('through ..', at('../../../etc/passwd'), reader),
    ofModel('hidden in the middle', at('weights/../../secret.bin'), reader),
    ofModel('absolute', at('/etc/passwd'), reader),
    ofModel('with a drive', at('C:\\weights.bin'), reader),
    ofModel('as a URL', at('file:///etc/passwd'), reader),
    ofModel('with a zero byte', at('w.bin\0.txt'), reader),
    ofModel('through a link', at('linked.bin'), reader),
    ofModel('no name', external({ offset: '0' }), reader),
  ],
  Q0119: [
    ofModel('an initializer of complex numbers', rawModel({ initializer: { dataType: 14 } })),
    ofModel('an initializer of float8', rawModel({ initializer: { dataType: 17 } })),
    ofModel('an input of a type that does not exist', {
      ...{ outputs: ['y'], nodes: [relu] },
      inputs: [{ name: 'x', elemType: undefined, dims: [1] }],
    }),
  ],
  Q0120: [
    ofModel('functions that double again and again', {
      inputs: [x],
      outputs: [y],
      domains: { test: 1 },
      nodes: [node('test:F0', ['x'], ['y'])],
      functions: Array.from({ length: 30 }, (_, i) =>
        onnxFunction(`F${i}`, {
          inputs: ['a'],
          outputs: ['b'],
          domains: { test: 1 },
          nodes:
            i === 29
              ? [node('Relu', ['a'], ['b'])]
              : [node(`test:F${i + 1}`, ['a'], ['t']), node(`test:F${i + 1}`, ['t'], ['b'])],
        }),
      ),
    }),
    ofModel('bodies nested too deep', {
      inputs: [x, value('c', 'bool', [])],
      outputs: [y],
      nodes: [nested(40)],
    }),
  ],
  Q0121: [
    ofModel('a function that calls itself', {
      inputs: [x],
      outputs: [y],
      domains: { test: 1 },
      nodes: [node('test:F', ['x'], ['y'])],
      functions: [
        onnxFunction('F', {
          inputs: ['a'],
          outputs: ['b'],
          domains: { test: 1 },
          nodes: [node('test:F', ['a'], ['b'])],
        }),
      ],
    }),
    ofModel('too many inputs', {
      inputs: [x],
      outputs: [y],
      domains: { test: 1 },
      nodes: [node('test:F', ['x', 'x'], ['y'])],
      functions: [onnxFunction('F', { inputs: ['a'], outputs: ['b'], nodes: [node('Relu', ['a'], ['b'])] })],
    }),
    ofModel('another opset', {
      inputs: [x],
      outputs: [y],
      domains: { test: 1 },
      nodes: [node('test:F', ['x'], ['y'])],
      functions: [onnxFunction('F', { inputs: ['a'], outputs: ['b'], opset: 15, nodes: [node('Relu', ['a'], ['b'])] })],
    }),
  ],
  Q0122: [
    ofModel('a sequence', rawModel({ graph: { input: [{ name: 'x', type: { sequenceType: {} } }] } })),
    ofModel('no type', rawModel({ graph: { input: [{ name: 'x' }] } })),
  ],
  Q0123: [
    ofModel(
      'a sparse initializer',
      rawModel({
        graph: { sparseInitializer: [{ values: { name: 's', dims: [1], dataType: 3, rawData: Uint8Array.of(1) } }] },
      }),
    ),
  ],
  Q0124: [
    ofList('Concat without its axis', () => {
      const reader = new AttributeReader(node('Concat', ['x', 'x'], ['y']));
      reader.requiredInt('axis');
      return reader.finish();
    }),
  ],
  Q0125: [
    ofModel('a list for a number', {
      inputs: [x],
      outputs: [y],
      nodes: [node('Softmax', ['x'], ['y'], { axis: [0, 1] })],
    }),
  ],
  Q0126: [
    ofModel('auto_pad that does not exist', {
      inputs: [value('x', 'f32', [1, 1, 4, 4])],
      outputs: ['y'],
      initializers: { w: tensor('f32', [1, 1, 1, 1], [1]) },
      nodes: [node('Conv', ['x', 'w'], ['y'], { auto_pad: 'SAME' })],
    }),
  ],
  Q0127: [
    ofModel('an attribute nobody knows', {
      inputs: [x],
      outputs: [y],
      nodes: [node('Relu', ['x'], ['y'], { slope: { float: 0.1 }, inplace: 1 })],
    }),
    ofModel('with a string beside it', {
      inputs: [x],
      outputs: [y],
      initializers: { s: stringTensor([1], ['unused']) },
      nodes: [node('Softmax', ['x'], ['y'], { axis: 0, comment: 'hello' })],
    }),
  ],
};

/** `depth` If nodes in each other. */
function nested(depth: number): ReturnType<typeof node> {
  const branch = (name: string, inner: ReturnType<typeof node>) =>
    graph({ name, outputs: [inner.outputs[0]], nodes: [inner] });
  const leaf = node('Relu', ['x'], [depth === 0 ? 'leaf' : `y${depth}`]);
  if (depth === 0) return leaf;
  const inner = nested(depth - 1);
  const out = depth === 40 ? 'y' : `o${depth}`;
  return node('If', ['c'], [out], { then_branch: branch('t', inner), else_branch: branch('e', leaf) });
}
