// needs: c-compiler firmware seconds
/** `--trace`: a log from the device, and the first step in it that is wrong. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { readTraceLog } from '../../src/cli/trace-log.js';
import { compile } from '../../src/compiler.js';
import { tracedWrites } from '../../src/emit/trace.js';
import { programSample } from '../../src/ir/seeded.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { stepsOf } from '../../src/program/program.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { fashion, firmwareFashion, qcc, root } from '../cli/command.js';
import { cnn } from '../quantizer/float-models.js';
import { logLine } from './trace-lines.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-trace-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const sample = join(root, 'examples/fashion-classifier/sample.npy');
const strict = '-Wall -Wextra -Wconversion -Wshadow -Wvla -pedantic -Werror';
copyFileSync(fashion, join(dir, 'fashion.onnx'));
const m4 = join(dir, 'm4');
const verify = (log: string, ...more: string[]) => qcc(['verify', m4, '--trace', log, ...more]);

/** What the image in `m4` says while it runs in QEMU, in a file. */
function logOf(name: string, ...more: string[]): string {
  const run = qcc(['run', m4, ...more]);
  assert.equal(run.status, 0, run.stderr);
  const path = join(dir, name);
  writeFileSync(path, run.stderr + run.stdout);
  return path;
}

test('Cortex-M4 in QEMU: a clean log agrees, and one flipped weight is named by its step', () => {
  const floats = ['--io', 'float', '--no-integer-only'];
  const what = ['--target', 'cortex-m4', '--emit', 'c,exe,selftest', '--trace', ...floats];
  const built = qcc(['build', fashion, ...what, '-o', m4]);
  assert.equal(built.status, 0, built.stderr);
  const seeded = verify(logOf('seeded.log'), '--json');
  assert.equal(seeded.status, 0, seeded.stderr);
  const answer = JSON.parse(seeded.stdout);
  assert.deepEqual([answer.runs, answer.agrees, answer.first_difference], [1, true, null]);
  assert.equal(answer.steps.length, 15);
  for (const step of answer.steps) assert.equal(step.equal_fraction, 1, JSON.stringify(step));
  // Two runs with other text around the lines, one of them in the middle of a line, as consoles have it.
  const given = readFileSync(logOf('sample.log', '--input', sample), 'utf8');
  const noisy = `boot\r\n${given.replace(/^qcc-trace/gm, '[00:01] qcc-trace').replace(/\n/g, '\r\n')}${given}`;
  writeFileSync(join(dir, 'noisy.log'), noisy);
  const two = verify(join(dir, 'noisy.log'), '--input', sample);
  assert.equal(two.status, 0, two.stderr);
  assert.match(two.stdout, /2 runs[\s\S]*15 of 15 compared/);
  // The audit knows the hook, and looks at what it is called with.
  const audit = qcc(['audit', m4]);
  assert.equal(audit.status, 0, audit.stderr);

  const weights = join(m4, 'fashion_weights.c');
  const sound = readFileSync(weights, 'utf8');
  const manifest = JSON.parse(readFileSync(join(m4, 'manifest.json'), 'utf8'));
  const step = manifest.steps.findIndex((s: { index: number; op: string }) => s.index > 4 && s.op === 'conv2d-requant');
  const symbol = manifest.steps[step].args.find((a: { name: string }) => a.name === 'w').buffer;
  const at = sound.indexOf(` ${symbol}[`, sound.indexOf('_Alignas'));
  const flipped = sound
    .slice(at)
    .replace(/\\(\d+)/, (_, octal: string) => `\\${(Number.parseInt(octal, 8) ^ 64).toString(8)}`);
  writeFileSync(weights, sound.slice(0, at) + flipped);
  // The hook and the model are clean under the strictest flags.
  execFileSync('make', ['-f', 'host/Makefile', `CFLAGS=${strict}`], { cwd: m4, stdio: 'pipe' });
  const wrong = verify(logOf('flipped.log', '--input', sample), '--input', sample);
  assert.equal(wrong.status, 3, wrong.stdout);
  const name = manifest.steps[step].origin[0];
  assert.ok(
    wrong.stderr.includes(`error[Q0724]: the first step that differs is ${step}, conv2d-requant from "${name}"`),
  );
  assert.equal(wrong.stdout, '');
});

test('the wrong input differs at the first step; other folders, models and options are refused', () => {
  const other = verify(join(dir, 'sample.log'));
  assert.equal(other.status, 3);
  assert.match(other.stderr, /Q0724\]: the first step that differs is 0,[\s\S]*--input/);
  const plain = join(dir, 'plain');
  assert.equal(qcc(['build', firmwareFashion, '--target', 'cortex-m4', '-o', plain]).status, 0);
  assert.doesNotMatch(readFileSync(join(plain, 'fashion.c'), 'utf8'), /trace|profile|ticks/);
  for (const [args, status, message] of [
    [['verify', plain, '--trace', join(dir, 'sample.log')], 1, /Q0725.*without --trace/],
    [['verify', m4, '--trace', join(dir, 'none.log')], 1, /Q0604/],
    [['verify', dir, '--trace', join(dir, 'sample.log')], 1, /Q0603/],
    [['verify', m4, '--trace', join(dir, 'sample.log'), '--steps'], 2, /Q0605/],
    [['verify', m4, '--trace', join(dir, 'sample.log'), '--input', sample, '--input', sample], 2, /more files/],
    [['verify', fashion, '--input', sample], 2, /belongs to --trace/],
    [['build', fashion, '--trace', '--profile', '-o', join(dir, 'x')], 2, /build twice/],
    [['build', fashion, '--trace', '--emit', 'shared', '-o', join(dir, 'x')], 2, /shared library has none/],
    [['build', fashion, '--trace', '--calibrate', dir, '-o', join(dir, 'x')], 2, /qcc quantize/],
  ] as const) {
    const run = qcc(args);
    assert.deepEqual([run.status, run.stdout], [status, ''], args.join(' '));
    assert.match(run.stderr, message);
  }
});

test('windows that slide, loops and images read row by row: every row of every step is compared', () => {
  const out = join(dir, 'ram');
  // Whatever decides what the steps are is in the manifest, and made the same again.
  const pixels = ['--io', 'u8pixels', '--preprocess', 'scale=0.004,mean=0.25,std=0.5'];
  const given = ['--optimize', 'ram', '--memory', 'fast=5K,slow=64K', ...pixels];
  const args = ['--target', 'scalar', ...given, '--emit', 'c,exe', '--trace', '-o', out];
  const built = qcc(['build', fashion, ...args]);
  assert.equal(built.status, 0, built.stderr);
  const { stderr } = spawnSync(join(out, 'fashion'), { encoding: 'utf8' });
  const log = join(dir, 'ram.log');
  writeFileSync(log, stderr);
  const clean = qcc(['verify', out, '--trace', log, '--model', fashion]);
  assert.equal(clean.status, 0, clean.stderr);
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
  const { length } = manifest.steps;
  assert.ok(length > 30 && manifest.repeats.length > 0, `${length} steps`);
  assert.match(clean.stdout, new RegExp(`^steps +${length} of ${length} compared`, 'm'));
  const slide = manifest.steps.findIndex((s: { op: string }) => s.op === 'slide');
  const lines = stderr.split('\n');
  const at = lines.findLastIndex((line) => line.startsWith('qcc-trace') && line.split(' ')[3] === String(slide));
  const [, name, id, step, bytes] = lines[at].split(' ');
  lines[at] = logLine(name, id, Number(step), Number(bytes), 0x1234);
  writeFileSync(log, lines.join('\n'));
  const wrong = qcc(['verify', out, '--trace', log, '--model', fashion]);
  assert.equal(wrong.status, 3);
  assert.match(wrong.stderr, new RegExp(`first step that differs is ${slide}, slide`));
});

test('a value that several steps make has a digest after the last of them', () => {
  const target = findTarget(loadTargets(), 'scalar');
  const { program, graph } = compile({ model: encodeModel(cnn()), fileName: 'cnn.onnx' }, target, loadAssets());
  const steps = stepsOf(program.body);
  const joins = tracedWrites(program, graph, programSample(graph)).filter(({ step }) => steps[step].op === 'concat');
  assert.deepEqual(
    joins.map(({ bytes, digest }) => [bytes, digest === undefined]),
    [
      [joins[0].bytes, true],
      [joins[0].bytes, false],
    ],
  );
});

test('a log: what is cut, lost, damaged or foreign is told apart', () => {
  const writes = [0, 1, 1, 2].map((step, i) => ({ step, bytes: 8 + i, digest: i === 2 ? undefined : 100 + i }));
  const build = { name: 'net', id: '0123abcd' };
  const run = writes.map(({ step, bytes, digest }) => logLine('net', '0123abcd', step, bytes, digest ?? 7));
  const read = (lines: readonly string[], end = '\n') => readTraceLog(lines.join('\n') + end, build, writes);
  const codes = (lines: readonly string[], end?: string) => read(lines, end).faults.map((f) => f.code);
  const whole = read([...run, ...run]);
  assert.deepEqual([whole.complete, whole.first, whole.faults], [2, undefined, []]);
  assert.deepEqual([...whole.compared.keys()], [0, 1, 2]);
  // A log that begins and ends inside of runs.
  const middle = read([...run.slice(2), ...run, ...run.slice(0, 1)]);
  assert.deepEqual([middle.complete, middle.before, middle.after, middle.faults], [1, 2, 1, []]);
  assert.deepEqual(codes([]), ['Q0720']);
  assert.deepEqual(codes(['hello']), ['Q0720']);
  for (let k = 1; k < run.length; k++) assert.deepEqual(codes(run.slice(0, k)), ['Q0723'], `${k} lines`);
  assert.deepEqual(codes(run.slice(1)), ['Q0723']);
  assert.deepEqual(codes([run[0], run[1], run[3]]), ['Q0723']);
  assert.deepEqual(codes([run[0], run[1], ...run]), ['Q0723']);
  // The last line cut anywhere is a log that ends there, not damage.
  for (let cut = 10; cut < run[3].length; cut++)
    assert.deepEqual(codes([...run.slice(0, 3), run[3].slice(0, cut)], ''), ['Q0723'], String(cut));
  // Any other character in a line is.
  for (let at = 9; at < run[1].length; at++) {
    const bad = `${run[1].slice(0, at)}${run[1][at] === '9' ? '8' : '9'}${run[1].slice(at + 1)}`;
    assert.deepEqual(codes([run[0], bad, run[2], run[3]]), ['Q0721'], bad);
  }
  const foreign = run.map((line) => line.replace('0123abcd', '0123abce'));
  assert.deepEqual(codes(foreign), ['Q0721', 'Q0721', 'Q0721', 'Q0721']);
  assert.deepEqual(codes([logLine('net', '0123abce', 0, 8, 100)]), ['Q0722']);
  assert.deepEqual(codes([logLine('web', '0123abcd', 0, 8, 100)]), ['Q0722']);
  // Two models in one image.
  assert.deepEqual(codes(run.flatMap((line) => [logLine('web', '11111111', 4, 4, 4), line])), []);
  const differing = read([run[0], logLine('net', '0123abcd', 1, 9, 5), run[2], run[3], ...run]);
  assert.deepEqual(differing.first, { run: 1, write: 1, digest: 5 });
  assert.deepEqual(
    [...differing.compared.values()].map((c) => [c.writes, c.equal]),
    [
      [2, 2],
      [2, 1],
      [2, 2],
    ],
  );
});
