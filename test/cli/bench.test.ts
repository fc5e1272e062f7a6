// needs: c-compiler emulator
/** `qcc bench`, whole: its JSON, its gate, and instructions where times mean nothing. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { loadedBytes, undefinedNames } from '../../src/toolchain/sections.js';
import { fashion, qcc, shared } from './command.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-bench-test-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const mlp = join(shared, 'models/peers/mlp.qdq_u8.onnx');

test('times of the model, its steps and its rivals', () => {
  const run = qcc(['bench', mlp, '--against', 'onnxruntime', '--json']);
  assert.equal(run.status, 0, run.stderr);
  const answer = JSON.parse(run.stdout);
  assert.equal(answer.threads, 1);
  assert.ok(answer.qcc.min_us > 0 && answer.qcc.min_us <= answer.qcc.median_us);
  assert.deepEqual(
    answer.peers.map((p: { variant: string }) => p.variant),
    ['int8', 'int8-exact', 'fp32'],
  );
  assert.ok(answer.qcc.startup_us > answer.qcc.min_us && answer.qcc.startup_us < 1e6, JSON.stringify(answer.qcc));
  assert.ok(answer.qcc.rss_bytes > answer.binary_bytes && answer.qcc.rss_bytes < 1 << 26);
  const [first] = answer.peers;
  assert.ok(first.startup_us > answer.qcc.startup_us && first.rss_bytes > answer.qcc.rss_bytes, JSON.stringify(first));
  assert.ok(answer.load >= 0, 'a busy machine is told');
  for (const us of [answer.qcc.min_us, answer.qcc.median_us, answer.qcc.p99_us])
    assert.equal(us, Number(us.toFixed(3)), 'no digits of rounding');
  assert.ok(answer.call_overhead_us > 0, 'the way from JavaScript and back is reported, and not charged');
  for (const peer of answer.peers) {
    assert.equal(peer.name, 'onnxruntime');
    assert.ok(Math.abs(peer.ratio - peer.median_us / answer.qcc.median_us) < 0.01 * peer.ratio);
    assert.ok(Math.abs(peer.min_ratio - peer.min_us / answer.qcc.min_us) < 0.01 * peer.min_ratio);
  }
  assert.ok(answer.binary_bytes > answer.flash_bytes && answer.flash_bytes > answer.weights_bytes);
  const { steps } = answer;
  assert.deepEqual(
    steps.map((s: { index: number }) => s.index),
    steps.map((_: unknown, i: number) => i),
  );
  const heavy = steps.filter((s: { macs: number }) => s.macs > 0);
  assert.ok(heavy.length > 1);
  for (const step of heavy) {
    assert.ok(step.min_us > 0 && step.gmacs > 0, JSON.stringify(step));
    assert.ok(step.peak_share === null || (step.peak_share > 0 && step.peak_share < 1.1), JSON.stringify(step));
    const peak = answer.peaks[step.scheme];
    if (step.peak_share !== null) assert.ok(Math.abs(step.gmacs / peak - step.peak_share) < 0.01, JSON.stringify(step));
  }
});

test('a regression ends with 3, another model is no baseline', () => {
  const before = join(dir, 'before.json');
  const about = { model: 'fashion', target: 'scalar' };
  writeFileSync(before, JSON.stringify({ ...about, qcc: { min_us: 0.5 } }));
  const slower = qcc(['bench', fashion, '--target', 'scalar', '--baseline', before, '--max-regression', '50%']);
  assert.equal(slower.status, 3);
  assert.match(slower.stderr, /error\[Q0611\]: [\d.]+ min_us against 0.5 in the baseline/);
  writeFileSync(before, JSON.stringify({ ...about, qcc: { min_us: 1e9 } }));
  assert.equal(qcc(['bench', fashion, '--target', 'scalar', '--baseline', before]).status, 0);
  writeFileSync(before, JSON.stringify({ ...about, target: 'arm-neon', qcc: { min_us: 1e9 } }));
  const other = qcc(['bench', fashion, '--target', 'scalar', '--baseline', before]);
  assert.deepEqual([other.status, other.stderr.includes('Q0612')], [1, true]);
  assert.equal(qcc(['bench', fashion, '--max-regression', '5%']).status, 2);
  assert.equal(qcc(['bench', fashion, '--against', 'tflite']).status, 2);
});

/** One that this machine cannot run itself. */
const emulated = process.arch === 'arm64' ? 'x86-avx2' : 'arm-neon';

test('an emulated target counts instructions, always the same', () => {
  const runs = [1, 2].map(() => {
    const run = qcc(['bench', fashion, '--target', emulated, '--json']);
    assert.equal(run.status, 0, run.stderr);
    return JSON.parse(run.stdout);
  });
  assert.deepEqual(runs[0], runs[1]);
  const { qcc: own, steps } = runs[0];
  assert.ok(own.instructions > 10_000);
  assert.equal(
    steps.reduce((sum: number, s: { instructions: number }) => sum + s.instructions, 0),
    own.instructions,
  );
  assert.equal(qcc(['bench', fashion, '--target', emulated, '--against', 'onnxruntime']).status, 2);
});

test('what flash holds is code and constants, not zeroed memory or unwind tables', () => {
  const source = join(dir, 'a.c');
  const object = join(dir, 'a.o');
  const archive = join(dir, 'a.a');
  writeFileSync(source, 'const char table[5000] = {1};\nint zero[9000];\nint one = 1;\nint f(void) { return one; }\n');
  execFileSync('gcc', ['-c', '-O1', source, '-o', object]);
  execFileSync('ar', ['rcs', archive, object]);
  const bytes = loadedBytes(readFileSync(archive)) ?? 0;
  assert.ok(bytes > 5004 && bytes < 5100, String(bytes));
  assert.equal(loadedBytes(readFileSync(object)), bytes);
  assert.equal(loadedBytes(readFileSync(source)), undefined);
  assert.deepEqual(undefinedNames(readFileSync(object)), []);
  assert.equal(undefinedNames(readFileSync(source)), undefined);
  writeFileSync(
    source,
    'extern int other(int);\nstatic int own(int x) { return x; }\nint f(void) { return other(own(1)); }\n',
  );
  execFileSync('gcc', ['-c', '-O0', '-fno-pic', source, '-o', object]);
  assert.deepEqual(undefinedNames(readFileSync(object)), ['other']);
});
