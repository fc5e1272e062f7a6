/**
 * A float model and its ranges become the QDQ model that is written down here, layer by layer, and compiling the float
 * model with ranges is compiling that model. What ONNX Runtime makes of it: ort.test.ts.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { layersOf } from '../../src/analysis/layers.js';
import { lowerModel } from '../../src/compiler.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { printGraph } from '../../src/ir/print.js';
import { numbers } from '../../src/ir/type.js';
import { topologicalOrder } from '../../src/ir/walk.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { importModel } from '../../src/onnx/import.js';
import type { OnnxModel } from '../../src/onnx/model.js';
import { scaleAt } from '../../src/quant/affine.js';
import { defaultQuantization, forTensorrt, type Quantization, quantizeModel } from '../../src/quantizer.js';
import { attention, cnn, feedForward } from './float-models.js';
import { interpretedRanges, randomSamples } from './interpreted-ranges.js';

const dims = new Map<string, number>();

function prepared(model: OnnxModel, quantization: Quantization = defaultQuantization) {
  const float = importModel(model, { dims, rounding: 'onnx', name: 'm', keepNames: true }).graph;
  const samples = randomSamples(float, 8, -1, 1);
  const ranges = interpretedRanges(float, samples);
  return { float, samples, ranges, quantized: quantizeModel(model, { ranges, quantization, dims, version: '0' }) };
}

/** Operators in order, those that quantize with the node they belong to. */
function operators(model: OnnxModel): string[] {
  return model.graph.nodes.filter((n) => n.opType !== 'DequantizeLinear').map((n) => n.opType);
}

const models = { cnn, feedForward, attention };

for (const [name, make] of Object.entries(models)) {
  test(`${name}: compiling with ranges is compiling the model that is written`, () => {
    const model = make();
    const { ranges, quantized, samples } = prepared(model);
    const direct = lowerModel({ model: encodeModel(model), fileName: 'm.onnx', ranges });
    const written = lowerModel({ model: encodeModel(quantized.model), fileName: 'm.onnx' });
    assert.equal(printGraph(direct.graph), printGraph(written.graph));
    for (const sample of samples)
      assert.deepEqual(evaluateGraph(direct.graph, sample), evaluateGraph(written.graph, sample));
  });

  test(`${name}: the written model means what the quantizer made, and is near the float model`, () => {
    const { float, quantized, samples } = prepared(make());
    const again = importModel(decodeModel(encodeModel(quantized.model)).model, { dims, rounding: 'onnx', name: 'm' });
    for (const sample of samples) {
      const [want] = evaluateGraph(quantized.graph, sample).values();
      const [got] = evaluateGraph(again.graph, sample).values();
      assert.deepEqual(got.data, want.data);
      const [exact] = evaluateGraph(float, sample).values();
      const [a, b] = [numbers(got), numbers(exact)];
      const noise = a.reduce((sum, v, i) => sum + (v - b[i]) ** 2, 0) / b.reduce((sum, v) => sum + v * v, 0);
      assert.ok(noise < 1e-3, `signal to noise ${(-10 * Math.log10(noise)).toFixed(1)} dB`);
    }
  });

  test(`${name}: twice the same bytes`, () => {
    const [a, b] = [prepared(make()), prepared(make())];
    assert.deepEqual(encodeModel(a.quantized.model), encodeModel(b.quantized.model));
  });
}

test('a CNN is integers from the input to the logits', () => {
  const { quantized, ranges, samples } = prepared(cnn());
  assert.deepEqual(operators(quantized.model), [
    'QuantizeLinear',
    ...['Conv', 'Relu', 'QuantizeLinear'],
    ...['Conv', 'Clip', 'QuantizeLinear'],
    ...['Conv', 'QuantizeLinear', 'Add', 'QuantizeLinear'],
    ...['Conv', 'QuantizeLinear', 'HardSwish', 'QuantizeLinear', 'Concat', 'QuantizeLinear'],
    ...['MaxPool', 'GlobalAveragePool', 'QuantizeLinear', 'Reshape', 'Gemm'],
  ]);
  const { graph } = lowerModel({ model: encodeModel(cnn()), fileName: 'm.onnx', ranges });
  const text = printGraph(graph);
  // Nothing is computed on floats but the quantize of the input and the scaling of the logits.
  assert.doesNotMatch(text, /= (clamp|binary|unary|activation|average-pool|dequantize)\(.*: f32/);
  assert.equal(samples.length, 8);
});

test('what the author says about the model stays in it', () => {
  const metadata = new Map([['author', 'me']]);
  const valueDocs = new Map(
    [...cnn().graph.inputs, ...cnn().graph.outputs].map(({ name }) => [name, `all of ${name}`]),
  );
  const about = { domain: 'org.me', version: 7n, doc: 'cats, not dogs', graphDoc: 'of the graph', valueDocs };
  const { quantized } = prepared({ ...cnn(), about, metadata });
  const { model } = decodeModel(encodeModel(quantized.model));
  assert.deepEqual([model.about, model.metadata.get('author')], [about, 'me']);
});

test('operands and result of a concat have one scale; zero is exact everywhere', () => {
  const { quantized } = prepared(cnn());
  const at = (name: string) => {
    const found = quantized.model.graph.nodes.find((n) => n.opType === 'QuantizeLinear' && n.inputs[0] === name);
    assert.ok(found, name);
    return found.inputs.slice(1).map((input) => {
      const stored = quantized.model.graph.initializers.get(input);
      assert.ok(stored !== undefined && stored.elementType !== 'string');
      return Number(stored.data[0]);
    });
  };
  assert.deepEqual(at('h'), at('j'));
  assert.deepEqual(at('s'), at('j'));
  assert.notDeepEqual(at('c4'), at('j'));
  // A value that a Relu made starts at zero.
  assert.equal(at('r1')[1], 0);
});

test('the residual stream of a transformer stays float, its GELU is one table', () => {
  const { quantized, ranges } = prepared(feedForward());
  const names = operators(quantized.model);
  assert.equal(names.filter((n) => n === 'QuantizeLinear').length, 3);
  const { graph } = lowerModel({ model: encodeModel(feedForward()), fileName: 'm.onnx', ranges });
  const text = printGraph(graph);
  assert.doesNotMatch(text, /fn erf/);
  assert.match(text, /lookup true|= lookup\(/);
});

test('a softmax stays float between integer products, unless only integers may be', () => {
  const { quantized } = prepared(attention());
  assert.deepEqual(operators(quantized.model), [
    'QuantizeLinear',
    'QuantizeLinear',
    'MatMul',
    'Mul',
    'Softmax',
    'QuantizeLinear',
    'QuantizeLinear',
    'MatMul',
  ]);
  const strict = prepared(attention(), { ...defaultQuantization, integerOnly: true, integerOutputs: true }).quantized;
  assert.equal(operators(strict.model).filter((n) => n === 'QuantizeLinear').length, 7);
});

test('a node that is kept stays float, with its own weights', () => {
  const { quantized } = prepared(cnn(), { ...defaultQuantization, keepFloat: new Set(['depthwise']) });
  const conv = quantized.model.graph.nodes.find((n) => n.name === 'depthwise');
  assert.ok(conv !== undefined);
  assert.equal(quantized.model.graph.initializers.get(conv.inputs[1])?.elementType, 'f32');
});

test('a layer whose input nobody saw stays float and says so', () => {
  const model = cnn();
  const { float, samples } = prepared(model);
  const ranges = new Map([...interpretedRanges(float, samples)].filter(([name]) => name !== 'r2'));
  const { diagnostics, model: written } = quantizeModel(model, {
    ranges,
    quantization: defaultQuantization,
    dims,
    version: '0',
  });
  assert.deepEqual(
    diagnostics.map((d) => `${d.code} ${d.message}`),
    ['Q0841 "linear" stays float: calibration saw nothing of its input'],
  );
  const linear = written.graph.nodes.find((n) => n.name === 'linear');
  assert.equal(written.graph.initializers.get(linear?.inputs[1] ?? '')?.elementType, 'f32');
});

test('int16 leaves room for twice what was seen, but not beyond what can be', () => {
  const model = cnn();
  const { float, samples } = prepared(model);
  const ranges = new Map(interpretedRanges(float, samples));
  const [clipped, sum] = [ranges.get('r2'), ranges.get('s')];
  assert.ok(clipped !== undefined && sum !== undefined);
  ranges.set('r2', { ...clipped, max: 5 });
  const quantization = { ...defaultQuantization, effort: 0 as const, wide: new Set(['linear', 'narrow']) };
  const { graph } = quantizeModel(model, { ranges, quantization, dims, version: '0' });
  const ends = topologicalOrder(graph).flatMap(({ kind, results: [{ type }] }) =>
    kind === 'quantize' && type.kind === 'quant' && type.element === 's16' ? [32767 * scaleAt(type.affine, 0)] : [],
  );
  const want = [6, 2 * Math.max(-sum.min, sum.max)];
  assert.deepEqual(
    [...new Set(ends.map((end) => end.toFixed(3)))],
    want.map((end) => end.toFixed(3)),
  );
});

test('why a layer stays float: what it reads is float, rather than that nobody saw that', () => {
  const model = cnn();
  const { float, samples } = prepared(model);
  const ranges = new Map([...interpretedRanges(float, samples)].filter(([name]) => !['c3', 's'].includes(name)));
  const quantization = { ...defaultQuantization, keepFloat: new Set(['linear']) };
  const made = quantizeModel(model, { ranges, quantization, dims, version: '0' });
  assert.ok(made.settings !== undefined);
  const why = new Map(layersOf(made.float, made.settings).map((layer) => [layer.name, layer.why]));
  assert.equal(why.get('residual'), 'it reads what "linear" computes on floats');
  assert.equal(why.get('narrow'), 'calibration saw nothing of what it reads');
});

/** The stored weights of every convolution and linear layer, with the number of neighbours in a channel. */
function weightsOf(
  model: OnnxModel,
): { readonly name: string; readonly dims: readonly number[]; readonly data: Int8Array }[] {
  return [...model.graph.initializers.values()].flatMap((t) =>
    t.elementType === 's8' && t.data instanceof Int8Array && t.dims.length > 1 ? [{ ...t, data: t.data }] : [],
  );
}

for (const lanes of [2, 4] as const)
  test(`weights for lanes of ${lanes} products never exceed 16 bits, and are no smaller than they must be`, () => {
    const { quantized, samples } = prepared(cnn(), { ...defaultQuantization, lanes });
    const plain = prepared(cnn()).quantized;
    const { graph } = lowerModel({ model: encodeModel(quantized.model), fileName: 'm.onnx' });
    let checked = 0;
    for (const node of topologicalOrder(graph)) {
      if (node.kind !== 'conv2d-requant' || node.attrs.groups !== 1) continue;
      const [, w] = node.operands;
      const [oc, kh, kw, c] = w.type.shape;
      if (w.kind !== 'const' || (kh === 3 && kw === 3)) continue;
      const stored = numbers(w.tensor);
      const cells = kh * kw * c;
      for (let o = 0; o < oc; o++)
        for (let k = 0; k < cells; k += lanes) {
          const group = stored.slice(o * cells + k, o * cells + Math.min(cells, k + lanes));
          const positive = group.reduce((sum, v) => sum + Math.max(0, v), 0);
          const negative = group.reduce((sum, v) => sum - Math.min(0, v), 0);
          assert.ok(255 * Math.max(positive, negative) <= 32767, `${positive}, ${negative}`);
          checked++;
        }
    }
    assert.ok(checked > 20);
    // Halving every weight would do for pairs too: what is kept is more than that.
    const sizes = (model: OnnxModel) =>
      weightsOf(model).map(({ data }) => data.reduce((sum, v) => sum + Math.abs(v), 0) / data.length);
    for (const [i, size] of sizes(quantized.model).entries()) assert.ok(size > sizes(plain.model)[i] / lanes);
    assert.equal(samples.length, 8);
  });

test('for TensorRT: symmetric, Q and DQ in front of weighted layers and residuals only, float weights and biases', () => {
  const { quantized } = prepared(cnn(), { ...defaultQuantization, ...forTensorrt });
  const { nodes, initializers } = quantized.model.graph;
  const made = new Map(nodes.flatMap((n) => n.outputs.map((o) => [o, n] as const)));
  for (const node of nodes) {
    if (node.opType !== 'QuantizeLinear' && node.opType !== 'DequantizeLinear') continue;
    const zero = initializers.get(node.inputs[2]);
    assert.ok(zero?.elementType === 's8' && [...zero.data].every((z) => Number(z) === 0), node.name);
  }
  for (const node of nodes.filter((n) => n.opType === 'Conv' || n.opType === 'Gemm')) {
    for (const input of node.inputs.slice(0, 2))
      assert.equal(
        made.get(input)?.opType === 'Reshape' ? 'DequantizeLinear' : made.get(input)?.opType,
        'DequantizeLinear',
      );
    const weights = made.get(made.get(node.inputs[1])?.inputs[0] ?? '');
    assert.equal(weights?.opType, 'QuantizeLinear');
    assert.equal(initializers.get(weights?.inputs[0] ?? '')?.elementType, 'f32');
    if (node.inputs.length > 2) assert.equal(initializers.get(node.inputs[2])?.elementType, 'f32');
  }
  const add = nodes.find((n) => n.opType === 'Add');
  assert.deepEqual(
    add?.inputs.map((input) => made.get(input)?.opType),
    ['Conv', 'DequantizeLinear'],
  );
  // No range for what is not read by a weighted layer.
  const read = (name: string) => nodes.filter((n) => n.inputs.includes(name)).map((n) => n.opType);
  assert.deepEqual(read('h'), ['Concat']);
});
