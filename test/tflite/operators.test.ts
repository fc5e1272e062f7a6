/**
 * Every operator as a small model against LiteRT's reference kernels, byte for byte (float sums within the stated share of
 * the largest answer). The models and answers are `vectors/vectors.json`, made by `make.py`.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { lowerModel } from '../../src/compiler.js';
import { QccError } from '../../src/diagnostics/diagnostic.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { allocate, type Tensor, type TensorType } from '../../src/ir/type.js';

export interface Vector {
  readonly name: string;
  readonly model: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly tolerance: number;
}

function isVector(v: unknown): v is Vector {
  return typeof v === 'object' && v !== null && 'name' in v && 'model' in v && 'inputs' in v && 'outputs' in v;
}

const parsed: unknown = JSON.parse(readFileSync(new URL('vectors/vectors.json', import.meta.url), 'utf8'));
assert.ok(Array.isArray(parsed));
const vectors: readonly Vector[] = parsed.filter(isVector);

function tensorOf(type: TensorType, text: string): Tensor {
  const data = allocate(type);
  const bytes = Buffer.from(text, 'base64');
  assert.equal(bytes.length, data.byteLength);
  new Uint8Array(data.buffer).set(bytes);
  return { type, data };
}

for (const v of vectors)
  test(v.name, () => {
    const { source, graph } = lowerModel({ model: Buffer.from(v.model, 'base64'), fileName: 'm.tflite' });
    for (const each of [source, graph]) {
      const inputs = new Map(each.inputs.map(({ name, type }, i) => [name, tensorOf(type, v.inputs[i])]));
      const answers = evaluateGraph(each, inputs);
      for (const [i, { name, value }] of each.outputs.entries()) {
        const want = Array.from(tensorOf(value.type, v.outputs[i]).data, Number);
        const got = Array.from(answers.get(name)?.data ?? [], Number);
        if (v.tolerance === 0) assert.deepEqual(got, want);
        else {
          const most = v.tolerance * Math.max(...want.map(Math.abs));
          assert.ok(got.every((x, k) => Math.abs(x - want[k]) <= most));
        }
      }
    }
  });

test('every operator that is supported has a vector', async () => {
  const { operators } = await import('../../src/tflite/operators/index.js');
  const missing = Object.keys(operators).filter((o) => !vectors.some((v) => v.name.split(' ')[0] === o));
  assert.deepEqual(missing, ['RELU_N1_TO_1']);
});

test('scales that overflow TFLite are refused, not computed for ever', () => {
  const scales = new Set([0.05, 0.065, 0.035, 0.04, 0.0305, 0.02, 0.03, 0.021, 0.011].map(Math.fround));
  for (const name of ['RELU6 0.05', 'LEAKY_RELU 0.05', 'PRELU one', 'MUL', 'QUANTIZE 0.05']) {
    const vector = vectors.find((v) => v.name === name);
    assert.ok(vector !== undefined, name);
    const original = Buffer.from(vector.model, 'base64');
    let refused = 0;
    for (let at = 0; at + 4 <= original.length; at += 4) {
      if (!scales.has(original.readFloatLE(at))) continue;
      const model = Buffer.from(original);
      model.writeFloatLE(1e-43, at);
      try {
        lowerModel({ model, fileName: 'm.tflite' });
      } catch (failure) {
        assert.ok(failure instanceof QccError, name);
        refused++;
      }
    }
    assert.ok(refused > 0, name);
  }
});
