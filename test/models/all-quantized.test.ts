// needs: c-compiler emulator
/**
 * Every quantized network of ../shared/models: the interpreter answers what ONNX Runtime's exact mode answers for the
 * stored inputs (exact-references.json), byte for byte, and the C of the three targets answers what the interpreter does.
 * Networks without a stored reference are held against the interpreter only.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { type Lowered, lowerModel } from '../../src/compiler.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { allocate, type Tensor, type TensorType } from '../../src/ir/type.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { compareNative, type NativeCase } from '../onnx-node/native.js';
import { exactReferences, type Reference } from './references.js';

const shared = new URL('../../../shared/models/', import.meta.url);

/** Models for which nothing is stored: their inputs are made here. */
const others: readonly { readonly path: string; readonly dims?: Readonly<Record<string, number>> }[] = [
  { path: 'mlperf-tiny/sww_qdq.onnx' },
  { path: 'peers/mlp.dyn.onnx' },
];

function lowered(path: string, dims: Readonly<Record<string, number>> = {}): Lowered {
  const model = readFileSync(new URL(path, shared));
  return lowerModel({ model, fileName: path }, { name: 'network', dims: new Map(Object.entries(dims)) });
}

function filled(type: TensorType, seed: number): Tensor {
  const data = allocate(type);
  let state = seed | 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    const unit = (state >>> 8) / 0x1000000;
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = BigInt(Math.floor(unit * 100));
    else if (type.kind === 'float') data[i] = unit * 4 - 2;
    else data[i] = Math.floor(unit * 256) - (type.element === 's8' ? 128 : 0);
  }
  return { type, data };
}

function storedInput(type: TensorType, file: string): Tensor {
  const data = allocate(type);
  new Uint8Array(data.buffer).set(readFileSync(new URL(file, shared)));
  return { type, data };
}

function bytesOf(tensor: Tensor): Buffer {
  return Buffer.from(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
}

function interpreted(name: string, model: Lowered, inputs: readonly Tensor[]): NativeCase {
  const { graph } = model;
  const values = evaluateGraph(graph, new Map(graph.inputs.map((input, i) => [input.name, inputs[i]])));
  const outputs = graph.outputs.map((output) => {
    const value = values.get(output.name);
    if (value === undefined) throw new Error(`no value for ${output.name}`);
    return value;
  });
  return { name, lowered: model, inputs, outputs };
}

const cases: NativeCase[] = [];

const anotherExp = 'integers up to a float Softmax: its expf is another';
/** What another exponential and another order of its sum explain. */
const SOFTMAX_DIFFERENCE = 1e-6;

/**
 * Where ONNX Runtime itself computes in another way than its integer kernels do: only the class must agree, and after a
 * Softmax alone the last bits may differ. Each reason was read from the graph that ONNX Runtime optimizes the model to.
 */
const differing: ReadonlyMap<string, string> = new Map([
  ['kws_dscnn_mlperf/kws_ppq_int8_qdq.onnx', anotherExp],
  ['vww_mobilenetv1/vww_int8_qdq.onnx', anotherExp],
  [
    'kws_micro_trio/micro_kws_m_qoperator_avg_pool.onnx',
    'QLinearAveragePool of s8 rounds at s8, ours as the u8 it is in QDQ',
  ],
  [
    'mobilenetv2_100_224/mbv2_ptq_s8_perchannel_qdq.onnx',
    'Clip before QuantizeLinear keeps 40 convolutions in float32',
  ],
  ['ort_qdq_snippets/conv.int4_weights.qdq.onnx', 'int4 weights keep the convolution in float32'],
  [
    'ort_qdq_snippets/qdq_with_multi_consumer_q_dq_axis.onnx',
    'the results of its convolutions before QuantizeLinear are outputs, so they stay float',
  ],
  ['resnet8_mlperf/resnet8_int8_qdq.onnx', 'shared DequantizeLinear keep 6 convolutions in float32'],
]);

/** Index of the largest element. */
function top(values: ArrayLike<number | bigint>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

/** In words, how an output differs from its reference; undefined if it does not. */
function difference(output: Tensor, reference: Reference['outputs'][number]): string | undefined {
  const bytes = bytesOf(output);
  if (reference.base64 === undefined) {
    const isSame = createHash('sha256').update(bytes).digest('hex') === reference.sha256;
    return isSame ? undefined : `${reference.name}: another SHA-256`;
  }
  const wanted = Buffer.from(reference.base64, 'base64');
  if (bytes.equals(wanted)) return undefined;
  const size = output.data.BYTES_PER_ELEMENT;
  let count = 0;
  for (let i = 0; i < bytes.length; i += size)
    if (!bytes.subarray(i, i + size).equals(wanted.subarray(i, i + size))) count++;
  return `${reference.name}: ${count} of ${output.data.length} elements`;
}

test('the models are there', () => assert.ok(existsSync(shared), 'tests read ../shared/models'));

for (const reference of exactReferences())
  test(`${reference.path}: the interpreter answers ONNX Runtime's bytes, or where listed its class`, () => {
    const model = lowered(reference.path);
    const inputs = model.graph.inputs.map((input, i) => storedInput(input.type, reference.inputs[i]));
    const network = interpreted(reference.path, model, inputs);
    cases.push(network);
    const wrong = network.outputs.flatMap((output, i) => difference(output, reference.outputs[i]) ?? []);
    if (!differing.has(reference.path)) return assert.deepEqual(wrong, []);
    assert.notDeepEqual(wrong, [], 'it agrees now: take it out of the list');
    for (const [i, output] of network.outputs.entries()) {
      const { base64 } = reference.outputs[i];
      if (base64 === undefined || output.type.element !== 'f32') continue;
      const answer = new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);
      assert.equal(top(output.data), top(answer), 'another class');
      if (differing.get(reference.path) !== anotherExp) continue;
      const largest = answer.reduce((max, v, k) => Math.max(max, Math.abs(v - Number(output.data[k]))), 0);
      assert.ok(largest < SOFTMAX_DIFFERENCE, `Softmax differs by ${largest}`);
    }
  });

for (const { path, dims } of others)
  test(`${path} builds`, () => {
    const model = lowered(path, dims);
    cases.push(
      interpreted(
        path,
        model,
        model.graph.inputs.map((input, i) => filled(input.type, i + 1)),
      ),
    );
  });

for (const name of ['scalar', 'x86-avx2', 'arm-neon'])
  test(`compiled for ${name}, every network gives the interpreter's bits`, async () => {
    const answers = await compareNative(cases, findTarget(loadTargets(), name), loadAssets());
    const wrong = answers.flatMap((why, i) => (why === undefined ? [] : [`${cases[i].name}: ${why}`]));
    assert.deepEqual(wrong, []);
  });
