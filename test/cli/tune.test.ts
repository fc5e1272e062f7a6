// needs: c-compiler
/** `--tune`, whole: it measures once, keeps what it saw, and equal times give equal C. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { CACHE_FILE, readCache, writeCache } from '../../src/cli/tune-cache.js';
import { hostDefault, loadTargets } from '../../src/target/load.js';
import { model, node, tensor, value } from '../onnx/model-builder.js';
import { wholeNumbers } from '../onnx/tiny-models.js';
import { qcc } from './command.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-tune-'));
after(() => rmSync(dir, { recursive: true, force: true }));

/** Two depthwise 3x3 convolutions of one shape: kernels for 3x3 and for any window can run them. */
function twoConvolutions(): Uint8Array {
  const weights = (name: string, seed: number) => ({
    [name]: tensor('s8', [16, 1, 3, 3], wholeNumbers(144, seed, -127, 127)),
  });
  const conv = (x: string, w: string, y: string) =>
    node('QLinearConv', [x, 's', 'z', w, 'ws', 'wz', 'ys', 'z'], [y], { pads: [1, 1, 1, 1], group: 16 });
  return model({
    name: 'two',
    inputs: [value('x', 'u8', [1, 16, 16, 16])],
    outputs: [value('y', 'u8', [1, 16, 16, 16])],
    initializers: {
      ...weights('a', 1),
      ...weights('b', 2),
      s: tensor('f32', [], [0.02]),
      ys: tensor('f32', [], [0.4]),
      z: tensor('u8', [], [120]),
      ws: tensor('f32', [], [0.01]),
      wz: tensor('s8', [], [0]),
    },
    nodes: [conv('x', 'a', 't'), conv('t', 'b', 'y')],
  });
}

const file = join(dir, 'two.onnx');
const cache = join(dir, CACHE_FILE);
writeFileSync(file, twoConvolutions());

function tuned(out: string, ...args: readonly string[]) {
  const run = qcc(['build', file, '-o', join(dir, out), '--emit', 'c', '--tune', '--json', ...args]);
  assert.equal(run.status, 0, run.stderr);
  const manifest = JSON.parse(readFileSync(join(dir, out, 'manifest.json'), 'utf8'));
  const steps: readonly { op: string; kernel: string; tuned?: boolean }[] = manifest.steps;
  const layers = steps.filter((s) => s.op === 'conv2d-requant');
  const kernels = layers.map((s) => s.kernel);
  const marked = layers.map((s) => s.tuned === true);
  const source = readFileSync(join(dir, out, 'two.c'), 'utf8');
  return { ...JSON.parse(run.stdout), stderr: run.stderr, kernels, marked, source, manifest };
}

test('times are measured once, kept, and decide', () => {
  const first = tuned('first');
  assert.match(first.stderr, /1 shape classes, up to \d kernels/, 'two layers of one shape are one class');
  assert.equal(first.tuned.cache, cache);
  const measured = readFileSync(cache, 'utf8');
  const [section] = readCache(dir);
  const [[shape, times]] = section.times;
  assert.match(shape, /^dwconv2d_q8 n=1 h=16 w=16 c=16 /);
  assert.ok(times.size >= 2 && [...times.values()].every((ns) => ns > 100), measured);
  const fastest = [...times].reduce((a, b) => (b[1] < a[1] ? b : a))[0];
  assert.deepEqual(first.kernels, [fastest, fastest]);
  assert.deepEqual(first.marked, [true, true]);
  assert.ok(first.tuned.tuned_ns <= first.tuned.estimated_ns);

  const again = tuned('again');
  assert.doesNotMatch(again.stderr, /round/, 'nothing is measured that is known');
  assert.equal(readFileSync(cache, 'utf8'), measured);
  assert.equal(again.source, first.source);
  assert.deepEqual(again.manifest.digests, first.manifest.digests);

  // Times of another machine: whoever is fastest there is taken, and answers stay.
  const slowest = [...times.keys()].find((symbol) => symbol !== fastest) ?? '';
  const turned = new Map([[shape, new Map([...times].map(([s, ns]) => [s, s === slowest ? 1 : ns]))]]);
  writeCache(dir, [{ ...section, times: turned }]);
  const other = tuned('other', '--emit', 'exe');
  assert.deepEqual(other.kernels, [slowest, slowest]);
  assert.notEqual(other.source, first.source);
  assert.equal(other.tuned.changed_steps + first.tuned.changed_steps > 0, true);
  const plain = qcc(['run', file, '--json']);
  const answers = qcc(['run', join(dir, 'other'), '--json']);
  assert.equal(answers.status, 0, answers.stderr);
  assert.deepEqual(JSON.parse(answers.stdout).outputs, JSON.parse(plain.stdout).outputs);
  const told = qcc(['inspect', file, '--tune']);
  assert.match(told.stdout, new RegExp(`kernel ${slowest}, chosen by measured times`));
  assert.match(told.stdout, /measured [\d.]+ us, the chosen one [\d.]+/);
  const untold = qcc(['inspect', file]);
  assert.doesNotMatch(untold.stdout, /measured times|measured [\d.]+ us/, 'without --tune a cache is not looked at');

  // One that a person gave to every CPU, and one of another CPU.
  writeCache(dir, [{ ...section, times: turned, cpu: '*' }]);
  assert.deepEqual(tuned('all').kernels, [slowest, slowest]);
  writeCache(dir, [{ ...section, times: turned, cpu: 'another' }]);
  const fresh = tuned('fresh');
  assert.match(fresh.stderr, /note\[Q0656\].*another CPU, "another"/);
  assert.match(fresh.stderr, /round 1/);
  assert.deepEqual(readCache(dir).map((s) => s.cpu).toSorted(), ['another', section.cpu].toSorted()); // biome-ignore format: one line

  // A cross build measures nothing, reads what there is, and says where there is nothing.
  const kept = readFileSync(cache, 'utf8');
  const cross = tuned('cross', '--target', 'cortex-m4');
  assert.match(cross.stderr, /note\[Q0657\]: "cortex-m4" is not this machine/);
  assert.deepEqual(cross.marked, [false, false]);
  assert.equal(readFileSync(cache, 'utf8'), kept);

  writeFileSync(cache, '{}');
  const broken = qcc(['build', file, '-o', join(dir, 'broken'), '--emit', 'c', '--tune']);
  assert.equal(broken.status, 1);
  assert.match(broken.stderr, /error\[Q0655\]/);
});

test('this machine has a target with rivals', () => {
  assert.notEqual(hostDefault(loadTargets()).name, 'scalar', 'the test above needs kernels to choose from');
});
