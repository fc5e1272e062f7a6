// needs: c-compiler
/** `qcc verify`: agreement, and above all that it sees a wrong program, names the step, and ends with 3. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { findOnnxRuntime, SELF_TEST_SUM, selfTest } from '../../src/cli/onnxruntime.js';
import { model, node, tensor, value } from '../onnx/model-builder.js';
import { wideModel } from '../onnx/wide-model.js';
import { fashion, qcc, shared } from './command.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-verify-'));
after(() => rmSync(dir, { recursive: true, force: true }));

/** A compiler whose requantization is off by one where the accumulator is a multiple of 997. */
const broken = join(dir, 'broken.h');
writeFileSync(
  broken,
  `#include "qcc/requantize.h"
#define qcc_requantize(acc, m, zp, lo, hi) (qcc_requantize(acc, m, zp, lo, hi) ^ ((acc) % 997 == 0))
#define qcc_requantize_proved(acc, m, zp, lo, hi) (qcc_requantize_proved(acc, m, zp, lo, hi) ^ ((acc) % 997 == 0))
`,
);

test('a model agrees with the interpreter and with ONNX Runtime', () => {
  const model = join(shared, 'models/peers/mlp.qdq_s8.onnx');
  const run = qcc(['verify', model, '--json', '--steps']);
  assert.equal(run.status, 0, run.stderr);
  const answer = JSON.parse(run.stdout);
  assert.equal(answer.reference, 'interpreter');
  assert.deepEqual(answer.outputs, [
    { name: 'output', elements: 160, equal_fraction: 1, max_abs_diff: 0, max_steps: 0 },
  ]);
  assert.equal(answer.onnxruntime.mode, 'exact');
  assert.deepEqual(answer.onnxruntime.outputs, answer.outputs);
  assert.deepEqual([answer.top1_agree, answer.onnxruntime.top1_agree], [1, 1]);
  assert.ok(answer.steps.length > 3);
  for (const step of answer.steps) assert.deepEqual([step.equal_fraction, step.max_steps], [1, 0]);
});

test('a wrong program is found out, and --steps names the first wrong step', () => {
  const run = qcc([
    'verify',
    fashion,
    '--target',
    'scalar',
    '--steps',
    '--cc',
    `gcc -D_DEFAULT_SOURCE -include ${broken}`,
    '--json',
  ]);
  assert.equal(run.status, 3);
  const answer = JSON.parse(run.stdout);
  assert.equal(answer.agrees, false);
  const first = answer.steps.find((s: { equal_fraction: number }) => s.equal_fraction < 1);
  assert.equal(first.max_steps, 1, 'the first wrong step is one off');
  assert.match(run.stderr, /Q0610/);
  assert.ok(run.stderr.includes(first.origin[0]), 'the message names its model node');
});

test('without --steps a wrong program is found out too', () => {
  const run = qcc(['verify', fashion, '--target', 'scalar', '--cc', `gcc -D_DEFAULT_SOURCE -include ${broken}`]);
  assert.equal(run.status, 3);
  assert.match(run.stdout, /interpreter {2}"logits": .* elements identical, at most \d+ steps/);
  assert.match(run.stderr, /error\[Q0610\]: output "logits" differs from the interpreter[\s\S]*--steps/);
});

test('ONNX Runtime approximates a sigmoid of -14 by as much as one of 0: that is no difference', () => {
  const file = join(dir, 'sigmoid.onnx');
  const nodes = [node('Sub', ['x', 'c'], ['d']), node('Sigmoid', ['d'], ['y'])];
  const initializers = { c: tensor('f32', [], [14]) };
  writeFileSync(file, model({ inputs: [value('x', 'f32', [1, 64])], outputs: ['y'], nodes, initializers }));
  const run = qcc(['verify', file, '--target', 'scalar', '--json']);
  assert.equal(run.status, 0, run.stderr);
  const [output] = JSON.parse(run.stdout).onnxruntime.outputs;
  assert.ok(output.equal_fraction < 1 && output.max_abs_diff < 2 ** -22, JSON.stringify(output));
});

test('given data is used', () => {
  const sample = join(fashion, '../sample.npy');
  const run = qcc(['verify', fashion, '--target', 'scalar', '--data', sample, '--json']);
  assert.equal(run.status, 0, run.stderr);
  assert.deepEqual([JSON.parse(run.stdout).samples, JSON.parse(run.stdout).data], [1, sample]);
  const wrong = qcc(['verify', fashion, '--target', 'scalar', '--data', join(dir, 'none')]);
  assert.equal(wrong.status, 1);
  assert.match(wrong.stderr, /Q0604/);
});

test('int16 layers, which ONNX Runtime computes in float32: a step is agreement, more is judged layer by layer, and the report says why', () => {
  const file = join(dir, 'wide.onnx');
  writeFileSync(file, wideModel());
  const fine = qcc(['verify', file, '--target', 'scalar', '--json']);
  assert.equal(fine.status, 0, fine.stderr);
  const { outputs, onnxruntime } = JSON.parse(fine.stdout);
  assert.equal(outputs[0].equal_fraction, 1);
  const layers = ['first', 'depthwise', 'pointwise', 'add', 'mul', 'pool', 'mean', 'last'];
  assert.deepEqual([onnxruntime.max_steps_allowed, onnxruntime.float_layers], [1, layers]);
  assert.deepEqual([onnxruntime.outputs[0].max_steps, onnxruntime.outputs[0].equal_fraction < 1], [1, true]);
  // A finer grid of the output shows more; each layer by itself is right.
  writeFileSync(file, wideModel(10));
  const more = qcc(['verify', file, '--target', 'scalar']);
  assert.equal(more.status, 0, more.stderr);
  assert.match(more.stdout, /interpreter {2}"y": all 160 elements identical/);
  assert.match(more.stdout, /onnxruntime {2}"y": .*, at most [2-9] steps/);
  assert.match(
    more.stdout,
    /computes 8 int16 layers \("first", "depthwise", "pointwise" and 5 more\) in float32, qcc in integers:\n +1 step apart is agreement \(exit code 0\)/,
  );
  assert.match(more.stdout, /rounding .*stretches end with the same values\n.*by one step, first from "/);
});

test('options that do not fit are usage errors', () => {
  for (const args of [['--max-steps', 'x'], ['--max-steps=-1'], ['--max-steps', '1.5'], ['--bogus']])
    assert.equal(qcc(['verify', fashion, ...args]).status, 2, args.join(' '));
});

test("ONNX Runtime's exact mode is exact on this machine", async () => {
  const runtime = await findOnnxRuntime();
  assert.ok(runtime !== undefined, 'onnxruntime-node is a dev dependency');
  assert.equal(await selfTest(runtime, 'exact'), SELF_TEST_SUM);
  assert.equal(SELF_TEST_SUM, 2072640);
});

/** Half a minute. */
if (process.env.QCC_FULL !== undefined)
  test('BERT-mini, whose outputs rounding takes far from ONNX Runtime, is told so and is no failure', () => {
    for (const file of ['bert_mini.qdq_u8.onnx', 'bert_mini.dyn.onnx']) {
      const run = qcc(['verify', join(shared, 'models/peers', file), '--target', 'x86-avx2', '--json']);
      assert.equal(run.status, 0, run.stderr);
      const { agrees, outputs, onnxruntime } = JSON.parse(run.stdout);
      assert.deepEqual([agrees, outputs[0].equal_fraction, onnxruntime.rounding.alone], [true, 1, true]);
      assert.ok(onnxruntime.outputs[0].max_abs_diff > 0.01, 'else this test is about nothing');
      assert.ok(onnxruntime.outputs[0].max_abs_diff < 2 * onnxruntime.rounding.unfused_max_abs_diff);
      assert.ok(onnxruntime.rounding.outputs[0].max_abs_diff < 1e-5);
    }
  });
