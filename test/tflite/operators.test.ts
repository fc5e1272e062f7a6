/**
 * Every operator as a small model against LiteRT's reference kernels, byte for byte (float sums within the stated share of
 * the largest answer). The models and answers are `vectors/vectors.json`, made by `make.py`, and of int16 activations (16x8)
 * `vectors/vectors-16x8.json`, made by `make_16x8.py`.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { lowerModel } from '../../src/compiler.js';
import { QccError } from '../../src/diagnostics/diagnostic.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { tensorOf, vectors, wideVectors } from './vectors.js';

for (const [v, kind] of [...vectors.map((v) => [v, ''] as const), ...wideVectors.map((v) => [v, ' of int16'] as const)])
  test(`${v.name}${kind}`, () => {
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
