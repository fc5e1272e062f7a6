// needs: c-compiler
/** `--optimize`: other code, other weights, the same answers. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test, { after } from 'node:test';
import { loadedBytes } from '../../src/toolchain/sections.js';
import { fashion, qcc, root, shared } from './command.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-optimize-'));
after(() => rmSync(dir, { recursive: true, force: true }));

interface Built {
  readonly flash: number;
  readonly weights: number;
  readonly outputs: unknown;
  readonly source: string;
}

function built(goal: string): Built {
  const out = join(dir, goal);
  const made = qcc([
    'build',
    fashion,
    '-o',
    out,
    '--target',
    'x86-avx2',
    '--emit',
    'exe,lib',
    '--optimize',
    goal,
    '--json',
  ]);
  assert.equal(made.status, 0, made.stderr);
  const run = qcc(['run', out, '--input', join(root, 'examples/fashion-classifier/sample.npy'), '--json']);
  assert.equal(run.status, 0, run.stderr);
  return {
    flash: loadedBytes(readFileSync(join(out, 'libfashion.a'))) ?? 0,
    weights: JSON.parse(made.stdout).weights_bytes,
    outputs: JSON.parse(run.stdout).outputs,
    source: readFileSync(join(out, 'fashion.c'), 'utf8'),
  };
}

test('speed, size and ram give the same answer; size has the least flash and one instance per kernel and epilogue', () => {
  const [speed, size, ram] = ['speed', 'size', 'ram'].map(built);
  assert.deepEqual(size.outputs, speed.outputs);
  assert.deepEqual(ram.outputs, speed.outputs);
  assert.ok(size.flash < 0.8 * speed.flash, `${size.flash} bytes, ${speed.flash} for speed`);
  assert.ok(size.weights <= speed.weights && ram.weights <= speed.weights);
  const instances = [...size.source.matchAll(/static QCC_NOINLINE void (\w+)\(/g)];
  const kernels = new Set(
    [...size.source.matchAll(/^ {2}(qcc_\w+__\w+)\(.*?(\.kind = \{[^}]*\}|$)/gm)].map((m) => `${m[1]} ${m[2]}`),
  );
  assert.ok(kernels.size > 2);
  assert.equal(instances.length, kernels.size);
});

/** Bytes of the library, which needs no CPU of the target. */
function flashOf(model: string, target: string, goal: string): number {
  const out = join(dir, `${target}-${goal}`);
  const made = qcc(['build', model, '-o', out, '--name', 'm', '--target', target, '--emit', 'lib', '--optimize', goal]);
  assert.equal(made.status, 0, made.stderr);
  const bytes = loadedBytes(readFileSync(join(out, 'libm.a')));
  assert.ok(bytes !== undefined);
  return bytes;
}

const smallModels = ['ad', 'ic', 'kws', 'sww', 'vww'].map((name) => join(shared, `models/mlperf-tiny/${name}.tflite`));
const pairs = [
  [fashion, 'x86-avx512vnni'],
  ...(process.env.QCC_FULL === undefined
    ? []
    : [
        ...smallModels,
        join(shared, 'models/peers/mlp.qdq_u8.onnx'),
        join(shared, 'models/peers/lstm.dyn.onnx'),
      ].flatMap((model) => ['x86-avx512vnni', 'x86-avx2', 'arm-neon'].map((target) => [model, target] as const))),
] as const;

// Kernels of AVX-512 have a tile for every rest: told their sizes at run time, they are as large as several that know theirs.
for (const [model, target] of pairs)
  test(`size is not larger than speed: ${basename(model)} on ${target}`, () => {
    const [speed, size] = ['speed', 'size'].map((goal) => flashOf(model, target, goal));
    assert.ok(size <= speed, `${size} bytes, ${speed} for speed`);
  });

test('a goal that does not exist is a usage error', () => {
  const { status, stderr } = qcc(['build', fashion, '--optimize', 'beauty']);
  assert.equal(status, 2);
  assert.match(stderr, /speed.*size.*ram/);
});
