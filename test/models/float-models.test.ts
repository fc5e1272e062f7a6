// needs: c-compiler emulator
/**
 * Float networks against ONNX Runtime. Its sums run in another order, so answers may differ by TOLERANCE of the largest
 * element; the compiled code gives the same bits on every target.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { needOnnxRuntime } from '../../src/cli/onnxruntime.js';
import { allocate, numberData, type Tensor, type TensorType } from '../../src/ir/type.js';
import { quickly } from '../quickly.js';
import { type BuiltModel, buildModel, bytesOf, rawInput } from './built.js';

const TOLERANCE = 1e-5;
const shared = new URL('../../../shared/models/', import.meta.url);
const path = (name: string) => decodeURIComponent(new URL(name, shared).pathname);

/** With a user's flags on all of them; those of `large` with what compiles soonest. */
const small = ['x86-avx2', 'scalar', 'arm-neon'];
const large = ['x86-avx2'];
const models: readonly (readonly [string, readonly string[]])[] = [
  ['ad01_autoencoder/ad01_fp32.onnx', large],
  ['detectors/yunet_n_320_fp32.onnx', large],
  ['fmnist_own/fmnist_dscnn_fp32.onnx', small],
  ['fmnist_own/fmnist_mlp_fp32.onnx', large],
  ['fmnist_own/fmnist_vit_fp32.onnx', small],
  ['kws_dscnn_mlperf/kws_alibaba_fp32.onnx', small],
  ['kws_micro_trio/micro_kws_m_static_fp32.onnx', large],
  ['mnist8_lenet/mnist-8.onnx', small],
  ['mobilenetv1_025_224/mbv1_025_224_fp32.onnx', large],
  ['onnx_light/light_inception_v1.onnx', large],
  ['onnx_light/light_squeezenet.onnx', large],
  ['peers/bert_mini.fp32.onnx', large],
  ['resnet8_mlperf/ic_alibaba_mbv2like_fp32.onnx', large],
  ['resnet8_mlperf/resnet8_fp32.onnx', small],
  ['vww_mobilenetv1/vww_fp32.onnx', large],
];

/** Floats between -2 and 2, integers below 100, the same in every run. */
function random(type: TensorType): Tensor {
  const data = allocate(type);
  let state = 12345;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    const v = (state >>> 8) & 65535;
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = BigInt(v % 100);
    else data[i] = type.kind === 'float' ? Math.fround(v / 16384 - 2) : v % 100;
  }
  return { type, data };
}

async function answers(
  model: string,
  target: string,
  inputs: (built: BuiltModel) => readonly Tensor[],
  cFlags: readonly string[] = [],
) {
  const built = await buildModel(path(model), target, undefined, cFlags);
  try {
    const tensors = inputs(built);
    const feeds = built.session.compiled.program.inputs.map(({ name }, i) => ({ name, tensor: tensors[i] }));
    return { feeds, outputs: await built.run(tensors) };
  } finally {
    built.remove();
  }
}

const runtime = await needOnnxRuntime();

for (const [model, targets] of models)
  test(`${model} computes what ONNX Runtime computes, the same on ${targets.join(', ')}`, async () => {
    const [first, ...others] = targets;
    const inputs = (built: BuiltModel) => built.session.compiled.program.inputs.map((b) => random(b.type));
    const { feeds, outputs } = await answers(model, first, inputs, targets === large ? quickly : []);
    const names = [...outputs.keys()];
    const judge = await runtime.open(readFileSync(path(model)), 'exact');
    const want = await judge.run(feeds);
    await judge.release();
    for (const name of names) {
      const got = outputs.get(name);
      const reference = want.get(name);
      assert.ok(got !== undefined && reference instanceof Float32Array, name);
      const limit = TOLERANCE * reference.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
      const data = numberData(got);
      const at = reference.findIndex((v, i) => !(Math.abs(v - data[i]) <= limit));
      assert.ok(at < 0, `${name}: element ${at} is ${data[at]}, expected ${reference[at]} within ${limit}`);
    }
    for (const target of others) {
      const other = await answers(model, target, inputs);
      for (const [name, tensor] of other.outputs) {
        const same = outputs.get(name);
        assert.ok(same !== undefined && bytesOf(tensor).equals(bytesOf(same)), `${name} differs on ${target}`);
      }
    }
  });

/**
 * A quantized transformer has float layer normalisations between its integer products. All integers of its first two
 * layers are ONNX Runtime's; then a normalised value that another order of summation moves across a rounding boundary
 * gives a neighbouring integer, and later layers spread the step.
 */
for (const [model, reference] of [
  ['peers/bert_mini.qdq_u8.onnx', 'peers/bert_mini.u8_prec.ref.bin'],
  ['peers/bert_mini.qdq_s8.onnx', 'peers/bert_mini.s8.ref.bin'],
])
  test(`${model} stays within steps of ONNX Runtime's exact mode`, async () => {
    const bytes = readFileSync(path('peers/bert_mini.input.bin'));
    const { outputs } = await answers(model, 'x86-avx2', (built) => [rawInput(built.session, 0, bytes)]);
    const [y] = [...outputs.values()];
    const stored = readFileSync(path(reference));
    const want = new Float32Array(stored.buffer.slice(stored.byteOffset, stored.byteOffset + stored.byteLength));
    const got = numberData(y);
    assert.equal(got.length, want.length);
    const differences = want.map((v, i) => Math.abs(v - got[i]));
    const mean = differences.reduce((sum, d) => sum + d, 0) / want.length;
    // One step of the last layers is about 0.03, and outputs have a standard deviation of 1.
    assert.ok(mean < 0.03, `mean difference ${mean}`);
    assert.ok(Math.max(...differences) < 0.3, `largest difference ${Math.max(...differences)}`);
  });
