/**
 * ONNX Runtime loads what the quantizer writes, computes it on integers, and agrees with qcc: bit for bit where all of it is
 * integers, else up to its approximations of float functions.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { needOnnxRuntime, proveExact } from '../../src/cli/onnxruntime.js';
import { compile, lowerModel } from '../../src/compiler.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { allocate, numbers, type Tensor } from '../../src/ir/type.js';
import { topologicalOrder } from '../../src/ir/walk.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { importModel } from '../../src/onnx/import.js';
import {
  defaultQuantization,
  forTensorrt,
  type Quantization,
  quantizeModel,
  quantizeWithoutData,
  type WithoutData,
} from '../../src/quantizer.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { attention, cnn, embedding, feedForward } from './float-models.js';
import { interpretedRanges, randomSamples } from './interpreted-ranges.js';

const dims = new Map<string, number>();
const runtime = await needOnnxRuntime();
await proveExact(runtime);

const forms: readonly { readonly what: string; readonly chosen: Partial<Quantization> }[] = [
  { what: 'u8', chosen: {} },
  { what: 's8', chosen: { activations: { element: 's8', symmetric: false } } },
  { what: 's8 symmetric', chosen: { activations: { element: 's8', symmetric: true } } },
  { what: 'u8, pairs', chosen: { lanes: 2 } },
  { what: 'for TensorRT', chosen: forTensorrt },
];
const models = { cnn, feedForward, attention };

for (const [name, make] of Object.entries(models))
  for (const { what, chosen } of forms)
    test(`${name}, ${what}: ONNX Runtime agrees`, async () => {
      const model = make();
      const float = importModel(model, { dims, rounding: 'onnx', name: 'm', keepNames: true }).graph;
      const samples = randomSamples(float, 8, -1, 1);
      const ranges = interpretedRanges(float, samples);
      const quantization = { ...defaultQuantization, ...chosen };
      const written = encodeModel(quantizeModel(model, { ranges, quantization, dims, version: '0' }).model);
      const { graph } = lowerModel({ model: written, fileName: 'm.onnx' });
      const session = await runtime.open(written, 'exact');
      // Float functions of ONNX Runtime are approximations, and for TensorRT its convolutions are float.
      const isExact = name === 'cnn' && what !== 'for TensorRT';
      for (const sample of samples) {
        const named = [...sample].map(([input, tensor]) => ({ name: input, tensor }));
        const [theirs] = (await session.run(named)).values();
        const [ours] = evaluateGraph(graph, sample).values();
        if (isExact) assert.deepEqual(ours.data, theirs);
        const largest = numbers(ours).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
        for (const [i, v] of numbers(ours).entries())
          assert.ok(Math.abs(v - Number(theirs[i])) <= largest / 128, `${v}, ONNX Runtime ${theirs[i]}`);
      }
      await session.release();
    });

for (const per of ['run', 'row'] as const)
  test(`feedForward, dynamic by ${per}: s8 weights, activations quantized at run time, and ONNX Runtime agrees`, async () => {
    const model = feedForward();
    const {
      model: made,
      quantized,
      products,
    } = quantizeWithoutData(model, { mode: 'dynamic', per }, { dims, version: '0' });
    assert.deepEqual([quantized, products], [2, 2]);
    const operators = made.graph.nodes.map((n) => n.opType);
    const counted = (operator: string) => operators.filter((o) => o === operator).length;
    assert.deepEqual([counted('DynamicQuantizeLinear'), counted('MatMulInteger')], [per === 'run' ? 2 : 0, 2]);
    const written = encodeModel(made);
    const float = importModel(model, { dims, rounding: 'onnx', name: 'm' }).graph;
    const { graph } = lowerModel({ model: written, fileName: 'm.onnx' });
    // What spells out the ranges of rows is one op again.
    const kinds = topologicalOrder(graph).map((n) => n.kind);
    for (const kind of ['dynamic-quantize', 'dynamic-conv'] as const)
      assert.equal(kinds.filter((k) => k === kind).length, 2);
    const session = await runtime.open(written, 'exact');
    for (const sample of randomSamples(float, 8, -1, 1)) {
      const named = [...sample].map(([input, tensor]) => ({ name: input, tensor }));
      const [theirs] = (await session.run(named)).values();
      const [ours] = evaluateGraph(graph, sample).values();
      const [exact] = evaluateGraph(float, sample).values();
      for (const [i, v] of numbers(ours).entries()) {
        assert.ok(Math.abs(v - Number(theirs[i])) <= 2e-3, `${v}, ONNX Runtime ${theirs[i]}`);
        assert.ok(Math.abs(v - Number(exact.data[i])) <= 5e-2, `${v}, float ${exact.data[i]}`);
      }
    }
    await session.release();
  });

for (const [name, make] of Object.entries({ feedForward, embedding }))
  for (const bits of [8, 4] as const)
    test(`${name}, weights of ${bits} bits: the file and the program hold them stored, and ONNX Runtime agrees`, async () => {
      const how = { mode: 'weights', bits, block: 32 } as const;
      const made = quantizeWithoutData(make(), how, { dims, version: '0' });
      assert.equal(made.quantized, 2);
      assert.equal(made.model.opsets.get(''), bits === 4 ? 21 : name === 'feedForward' ? 17 : 13);
      const written = encodeModel(made.model);
      const { source, graph } = lowerModel({ model: written, fileName: 'm.onnx' });
      const kinds = topologicalOrder(graph).map((n) => n.kind);
      const stored = name === 'embedding' ? ['gather-stored', 'linear-stored'] : ['linear-stored', 'linear-stored'];
      assert.deepEqual(
        kinds.filter((kind) => kind.endsWith('-stored')),
        stored,
      );
      assert.ok(!kinds.includes('conv2d') && !kinds.includes('dequantize') && !kinds.includes('gather'));
      const session = await runtime.open(written, 'exact');
      for (let seed = 0; seed < 4; seed++) {
        const [input] = source.inputs;
        const data = allocate(input.type);
        for (let i = 0; i < data.length; i++)
          if (data instanceof BigInt64Array) data[i] = BigInt((i * 41 + seed * 67) % 300);
          else data[i] = Math.sin(i * 3 + seed);
        const sample = new Map<string, Tensor>([[input.name, { type: input.type, data }]]);
        const [ours] = evaluateGraph(graph, sample).values();
        const [meant] = evaluateGraph(source, sample).values();
        assert.deepEqual(ours.data, meant.data);
        const [theirs] = (await session.run([{ name: input.name, tensor: { type: input.type, data } }])).values();
        const largest = numbers(ours).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
        for (const [i, v] of numbers(ours).entries())
          assert.ok(Math.abs(v - Number(theirs[i])) <= largest * 1e-5, `${v}, ONNX Runtime ${theirs[i]}`);
      }
      await session.release();
    });

test('the weights of a program are 4 and 8 times smaller than float, but for their scales', () => {
  const target = findTarget(loadTargets(), 'x86-avx2');
  const bytes = (withoutData: WithoutData | undefined) =>
    compile({ model: encodeModel(embedding()), fileName: 'm.onnx' }, target, loadAssets(), { withoutData }).emitted
      .weightsBytes;
  const float = bytes(undefined);
  assert.ok(float / bytes({ mode: 'weights', bits: 8, block: 32 }) > 3.7);
  assert.ok(float / bytes({ mode: 'weights', bits: 4, block: 32 }) > 5.5);
});
