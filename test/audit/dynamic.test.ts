/** `qcc audit` of layers whose activations are quantized at run time: what the weights claim, and the sums a zero point multiplies. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { model, node, tensor, value } from '../onnx/model-builder.js';
import { firstSteps, octWeights } from './oct-weights.js';
import { audited, changed, codesOf, type Folder, folderOf, nudged, resealed, textOf } from './tampered.js';

const [ROWS, K, N] = [128, 128, 64];
const weights = octWeights(N, K);
const transposed = Array.from({ length: K * N }, (_, i) => weights[(i % N) * K + Math.floor(i / N)]);

const sound = folderOf(
  model({
    name: 'layer',
    inputs: [value('x', 'f32', [ROWS, K])],
    outputs: [value('y', 'f32', [ROWS, N])],
    initializers: { w: tensor('s8', [K, N], transposed), w_scale: tensor('f32', [], [0.01]) },
    nodes: [
      node('DynamicQuantizeLinear', ['x'], ['xq', 'x_scale', 'x_zero']),
      node('MatMulInteger', ['xq', 'w', 'x_zero'], ['sums']),
      node('Cast', ['sums'], ['reals'], { to: 1 }),
      node('Mul', ['x_scale', 'w_scale'], ['scale']),
      node('Mul', ['reals', 'scale'], ['y']),
    ],
  }),
  'layer.onnx',
  'x86-avx2',
);

/** As they are called in the C; bytes of a panel before its weights. */
const [WEIGHTS, SUMS, HEAD] = ['layer_w0', 'layer_w1', 64];

const first = firstSteps(weights, N);

function nudgedBy(...edits: readonly (readonly [symbol: string, at: number, by: number])[]): Folder {
  const edit = (text: string) => edits.reduce((t, [symbol, at, by]) => nudged(t, symbol, at, by), text);
  return resealed(changed(sound, 'layer_weights.c', edit));
}

test('a sound layer has no findings', () => {
  assert.match(textOf(sound, 'manifest.json'), /qcc_dynamic_matmul__3x16o__x86_avx2/);
  assert.match(textOf(sound, 'manifest.json'), /OCTS_FIT_S16/);
  const { findings, open } = audited(sound);
  assert.deepEqual(findings, []);
  assert.ok(open.every((why) => why.includes('its weights were derived from the model again')));
});

test('found although everything was sealed anew: more steps in 16 bits than fit, other sums', () => {
  assert.ok(first.alone >= 2);
  assert.deepEqual(codesOf(audited(nudgedBy([WEIGHTS, 2, first.alone >> 1]))), ['Q0644']);
  assert.deepEqual(codesOf(audited(nudgedBy([WEIGHTS, 1, 1], [WEIGHTS, 2, -first.signedOcts]))), ['Q0644']);
  assert.ok(codesOf(audited(nudgedBy([SUMS, 5, 1]))).includes('Q0643'));
});

test("a weight that is not the model's is found although its sum fits it", () => {
  // The first weight of the first panel's first step.
  const { findings } = audited(nudgedBy([WEIGHTS, HEAD, 1], [SUMS, 0, 1]));
  assert.ok(findings.some(({ message }) => /weight \d+ is -?\d+, the model says -?\d+/.test(message)));
  assert.ok(findings.every(({ message }) => !message.includes('sum of the weights')));
});
