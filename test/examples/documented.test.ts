// needs: c-compiler emulator
/** The commands that the examples' READMEs give do what they say, on models like the reader's. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { fashion, qcc, root, shared } from '../cli/command.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-documented-'));
after(() => rmSync(dir, { recursive: true, force: true }));

/** Lines `qcc ...` of an example's README, with the model and the folders put where they are. */
function commands(example: string, name: string, model: string): string[][] {
  const text = readFileSync(join(root, 'examples', example, 'README.md'), 'utf8');
  return [...text.matchAll(/^qcc (.+)$/gm)].map(([, line]) =>
    line.split(' ').map((word) => (word === name ? model : /^out/.test(word) ? join(dir, example, word) : word)),
  );
}

/** The README's MobileNetV2 takes minutes to build so often; a network of depthwise convolutions says the same sooner. */
const ownModel = process.env.QCC_FULL === undefined ? 'dscnn_kws' : 'mobilenetv2';

test('own-model: every command', () => {
  const model = join(shared, 'models/peers', `${ownModel}.qdq_u8.onnx`);
  const lines = commands('own-model', 'mobilenetv2.onnx', model);
  assert.equal(lines.length, 6);
  const outputs = lines.map((words) => {
    const run = qcc(words);
    assert.equal(run.status, 0, `qcc ${words.join(' ')}\n${run.stderr}`);
    return run.stdout;
  });
  assert.match(outputs[2], /seeded pseudo-random numbers[\s\S]*top 5/);
  assert.match(outputs[3], /onnxruntime +"output": all \d+ elements identical/);
  assert.match(outputs[4], /onnxruntime +median [\d.]+ us: [\d.]+x qcc's \(smallest times [\d.]+x\), int8-exact/);
  assert.match(outputs[5], /target +arm-neon/);
});

test('from-pytorch: the build line, and what the text says of the file', () => {
  const lines = commands('from-pytorch', 'fashion.onnx', fashion);
  assert.deepEqual(
    lines.map(([command]) => command),
    ['build', 'inspect', 'verify'],
  );
  const [build, inspect, verify] = lines;
  assert.equal(qcc([...build, '-o', join(dir, 'fashion')]).status, 0);
  const answer = JSON.parse(qcc([...inspect, '--json']).stdout);
  const convolutions = answer.steps.filter((s: { kernel: string }) => /conv2d_q8__/.test(s.kernel));
  assert.ok(convolutions.length >= 9, 'the convolutions are on integers');
  assert.equal(qcc(verify).status, 0);
});
