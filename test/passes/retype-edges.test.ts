/**
 * `--io`: the program with other edges computes what the program with float edges computes, bit for bit: on pixels what it
 * makes of them preprocessed by `src/data`, on stored integers what it makes of the reals they mean.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { asModelGives, toModel, toProgram } from '../../src/cli/edge-values.js';
import { edgesFor, type Io } from '../../src/cli/edges.js';
import { type CompileOptions, type Lowered, lowerModel, type ModelSource } from '../../src/compiler.js';
import { fitted } from '../../src/data/fit.js';
import { parsePreprocess } from '../../src/data/preprocess.js';
import { QccError } from '../../src/diagnostics/diagnostic.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import type { Graph } from '../../src/ir/graph.js';
import { printGraph } from '../../src/ir/print.js';
import { allocateNumbers, elements, floatType, type Tensor } from '../../src/ir/type.js';
import { topologicalOrder } from '../../src/ir/walk.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { importModel } from '../../src/onnx/import.js';
import { dequantizeData, quantizeData } from '../../src/quant/affine.js';
import { defaultQuantization } from '../../src/quantizer.js';
import { model, node, tensor, value } from '../onnx/model-builder.js';
import { cnn } from '../quantizer/float-models.js';
import { interpretedRanges, randomSamples } from '../quantizer/interpreted-ranges.js';
import { type TensorSpec, tfliteModel as tfliteBytes } from '../tflite/model-builder.js';

const dims = new Map<string, number>();
const float = importModel(cnn(), { dims, rounding: 'onnx', name: 'm', keepNames: true }).graph;
const ranges = interpretedRanges(float, randomSamples(float, 8, -2.5, 2.5));
const quantized: ModelSource = { model: encodeModel(cnn()), fileName: 'm.onnx', ranges };
/** Output of integers, so that it has a quantization to take off. */
const quantization = { ...defaultQuantization, integerOutputs: true };

/** A TFLite model of one quantized convolution, and one that quantizes floats itself. */
function tfliteModel(isFloat: boolean): ModelSource {
  const pixels: TensorSpec = { name: 'x', type: 9, shape: [1, 4, 4, 3], scales: [0.02], zeros: [-3] };
  const real: TensorSpec = { name: 'r', type: 0, shape: [1, 4, 4, 3] };
  const weights = Uint8Array.from({ length: 6 * 3 }, (_, i) => (i * 37 + 11) & 255);
  const tensors: TensorSpec[] = [
    pixels,
    { name: 'w', type: 9, shape: [6, 1, 1, 3], scales: [0.01], zeros: [0], data: weights },
    { name: 'b', type: 2, shape: [6], scales: [Math.fround(0.02 * 0.01)], zeros: [0], data: new Uint8Array(24) },
    { name: 'y', type: 9, shape: [1, 4, 4, 6], scales: [0.05], zeros: [4] },
    real,
  ];
  const conv = {
    code: 3,
    inputs: [0, 1, 2],
    outputs: [3],
    optionsType: 1,
    options: [
      [1, 'i32', 1],
      [2, 'i32', 1],
    ] as const,
  };
  const operators = isFloat ? [{ code: 114, inputs: [4], outputs: [0] }, conv] : [conv];
  return { model: tfliteBytes({ tensors, operators, inputs: [isFloat ? 4 : 0], outputs: [3] }), fileName: 'm.tflite' };
}

function lowered(source: ModelSource, io: Io, preprocess?: string): Lowered {
  const edges = edgesFor(io, preprocess);
  const options: CompileOptions = { quantization, ...(edges === undefined ? {} : { edges }) };
  return lowerModel(source, options);
}

function answers(graph: Graph, inputs: ReadonlyMap<string, Tensor>): readonly Tensor[] {
  return [...evaluateGraph(graph, inputs).values()];
}

function reals({ type, data }: Tensor): readonly number[] {
  return Array.from(type.kind === 'quant' ? dequantizeData({ type, data }, type) : data, Number);
}

/** Every byte in every channel. */
function pixelsOf(graph: Graph): Tensor {
  const [{ type }] = graph.inputs;
  const data = allocateNumbers(type);
  for (let i = 0; i < data.length; i++) data[i] = (i * 7 + (i >> 5) * 13) & 255;
  return { type, data };
}

const sources: readonly (readonly [string, ModelSource])[] = [
  ['a calibrated ONNX model', quantized],
  ['a TFLite model of stored integers', tfliteModel(false)],
  ['a TFLite model of floats', tfliteModel(true)],
];

for (const [name, source] of sources)
  for (const preprocess of [
    'imagenet',
    'caffe',
    'scale=1/127.5,mean=1',
    'scale=1/64,mean=0.1,0.2,0.3,std=2,3,1,order=bgr',
  ])
    test(`${name} on pixels is the model on what --preprocess ${preprocess} makes of them`, () => {
      const [pixels, real] = [lowered(source, 'u8pixels', preprocess), lowered(source, 'float')];
      assert.deepEqual(pixels.graph.inputs[0].type.element, 'u8');
      const raw = pixelsOf(pixels.graph);
      const array = { element: 'u8' as const, shape: raw.type.shape, data: raw.data };
      const sizes = { ...parsePreprocess(preprocess), resize: undefined, crop: undefined };
      const sample = fitted(
        { name: 's', label: undefined, arrays: [{ array, kind: 'image' }] },
        real.graph.inputs,
        sizes,
      );
      const want = answers(real.graph, new Map([[real.graph.inputs[0].name, sample[0]]]));
      for (const graph of [pixels.source, pixels.graph]) {
        const got = answers(graph, new Map([[graph.inputs[0].name, raw]]));
        assert.deepEqual(got.map(reals), want.map(reals));
      }
      const kinds = topologicalOrder(pixels.graph).map((n) => n.kind);
      assert.ok(!kinds.includes('quantize') && !kinds.includes('transpose'), kinds.join(', '));
    });

test('pixels that every channel scales alike are a table, or nothing at all', () => {
  const first = (text: string, source = tfliteModel(false)) =>
    topologicalOrder(lowered(source, 'u8pixels', text).graph)[0].kind;
  assert.equal(first('scale=0.02,mean=0'), 'lookup');
  const u8 = model({
    inputs: [value('x', 'f32', [1, 3, 4, 4])],
    outputs: ['y'],
    initializers: {
      s: tensor('f32', [], [Math.fround(1 / 255)]),
      z: tensor('u8', [], [0]),
    },
    nodes: [
      node('QuantizeLinear', ['x', 's', 'z'], ['q']),
      node('DequantizeLinear', ['q', 's', 'z'], ['d']),
      node('MaxPool', ['d'], ['m'], { kernel_shape: [2, 2] }),
      node('QuantizeLinear', ['m', 's', 'z'], ['p']),
      node('DequantizeLinear', ['p', 's', 'z'], ['y']),
    ],
  });
  const { graph } = lowered({ model: u8, fileName: 'm.onnx' }, 'u8pixels', 'unit');
  assert.deepEqual(
    topologicalOrder(graph)
      .map((n) => n.kind)
      .slice(0, 2),
    ['reinterpret', 'max-pool'],
  );
});

test('stored integers in and out mean what the floats do', () => {
  const [stored, real] = [lowered(quantized, 'int8'), lowered(quantized, 'float')];
  const [input] = stored.graph.inputs;
  const [output] = stored.graph.outputs;
  assert.ok(input.type.kind === 'quant' && output.value.type.kind === 'quant');
  assert.deepEqual(input.type.shape, [1, 3, 8, 8]);
  for (const sample of randomSamples(real.graph, 4, -3, 3)) {
    const [x] = sample.values();
    const bytes = { type: input.type, data: quantizeData(x, input.type) };
    const [want] = answers(real.graph, sample);
    for (const graph of [stored.source, stored.graph]) {
      const [got] = answers(graph, new Map([['x', bytes]]));
      assert.deepEqual(reals(got), reals(want));
    }
  }
});

test('float edges of a model of integers quantize what it is given', () => {
  const [real, stored] = [lowered(tfliteModel(false), 'float'), lowerModel(tfliteModel(false))];
  const [x] = real.graph.inputs;
  const type = stored.graph.inputs[0].type;
  assert.ok(type.kind === 'quant' && x.type.kind === 'float' && real.graph.outputs[0].value.type.kind === 'float');
  const data = Float32Array.from({ length: elements(x.type.shape) }, (_, i) => Math.sin(i) * 3);
  const sample: Tensor = { type: floatType(x.type.shape), data };
  const [got] = answers(real.graph, new Map([[x.name, sample]]));
  const [want] = answers(stored.graph, new Map([[x.name, { type, data: quantizeData(sample, type) }]]));
  assert.ok(want.type.kind === 'quant');
  assert.deepEqual(got.data, dequantizeData(want, want.type));
});

test('firmware gets stored integers where an edge has them, and is told where not', () => {
  const integer = (source: ModelSource, integerOutputs: boolean) =>
    lowerModel(source, { quantization: { ...defaultQuantization, integerOutputs }, edges: { kind: 'integer' } });
  const kinds = ({ graph }: Lowered) => [graph.inputs[0].type.kind, graph.outputs[0].value.type.kind];
  const told = ({ diagnostics }: Lowered) => diagnostics.filter((d) => d.code === 'Q0420').map((d) => d.message);
  const [whole, open] = [integer(quantized, true), integer(quantized, false)];
  assert.deepEqual([kinds(whole), told(whole)], [['quant', 'quant'], []]);
  assert.deepEqual(printGraph(whole.graph), printGraph(lowered(quantized, 'int8').graph));
  assert.deepEqual(kinds(open), ['quant', 'float']);
  assert.deepEqual(told(open), ['output "y" is computed in float, by conv2d: it stays float32']);
  const bare = integer({ model: encodeModel(cnn()), fileName: 'm.onnx' }, true);
  assert.deepEqual([kinds(bare), told(bare)], [['float', 'float'], []]);
});

test('samples of the model become those of the program as its edges make them, answers likewise back', () => {
  for (const source of [quantized, tfliteModel(true)]) {
    const { model: own, graph } = lowerModel(source, { quantization, edges: { kind: 'integer' } });
    const [x] = own.inputs;
    const { type } = graph.inputs[0];
    assert.ok(x.type.kind === 'float' && type.kind === 'quant' && type.affine.per === 'tensor');
    // Ties, where TFLite rounds another way than ONNX, and what is saturated.
    const { scale } = type.affine;
    const data = Float32Array.from({ length: elements(x.type.shape) }, (_, i) => ((i % 640) - 24) * 0.5 * scale);
    const [given] = toProgram({ model: own, graph }, [{ type: x.type, data }]);
    const outputs = answers(graph, new Map([[x.name, given]]));
    const want = answers(own, new Map([[x.name, { type: x.type, data }]]));
    assert.deepEqual(asModelGives({ model: own, graph }, outputs).map(reals), want.map(reals));
    assert.ok(new Set(Array.from(given.data, Number)).size > 20);
    const [back] = toModel({ model: own, graph }, [given]);
    assert.deepEqual(toProgram({ model: own, graph }, [back])[0].data, given.data);
  }
});

test('what cannot be had is an error that names it', () => {
  const code = (work: () => unknown): string => {
    try {
      work();
    } catch (failure) {
      if (failure instanceof QccError) return failure.diagnostics.map((d) => d.code).join();
    }
    return 'none';
  };
  const bare: ModelSource = { model: encodeModel(cnn()), fileName: 'm.onnx' };
  assert.equal(
    code(() => lowered(bare, 'int8')),
    'Q0843,Q0844',
  );
  assert.equal(
    code(() => lowered(quantized, 'u8pixels', 'resize=9')),
    'Q0845',
  );
  assert.equal(
    code(() => lowered(quantized, 'u8pixels', 'mean=1,2')),
    'Q0846',
  );
});
