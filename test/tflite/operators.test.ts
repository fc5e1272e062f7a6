/**
 * Every operator as a small model against LiteRT's reference kernels, byte for byte (float sums within the stated share of
 * the largest answer). The models and answers are `vectors/vectors.json`, made by `make.py`.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { lowerModel } from '../../src/compiler.js';
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
