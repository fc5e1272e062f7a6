// needs: c-compiler
/** `--optimize`: other code, other weights, the same answers. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { loadedBytes } from '../../src/toolchain/sections.js';
import { fashion, qcc, root } from './command.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-optimize-'));
after(() => rmSync(dir, { recursive: true, force: true }));

interface Built {
  readonly flash: number;
  readonly weights: number;
  readonly outputs: unknown;
  readonly source: string;
}

/** For AVX2: kernels with a tile for every rest, as those of AVX-512 are, are smaller when each knows its shape. */
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

test('a goal that does not exist is a usage error', () => {
  const { status, stderr } = qcc(['build', fashion, '--optimize', 'beauty']);
  assert.equal(status, 2);
  assert.match(stderr, /speed.*size.*ram/);
});
