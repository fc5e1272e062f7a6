// needs: c-compiler emulator
/** Integer twins of float formulas: equal for all pairs of bytes, and cores without an FPU call no float routine for them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { after } from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { compileGraph } from '../../src/compiler.js';
import { param } from '../../src/ir/build.js';
import { floatNodes } from '../../src/ir/float-ops.js';
import { stepsOf } from '../../src/program/program.js';
import { baseCFlags } from '../../src/target/flags.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { qcc, root, shared } from '../cli/command.js';
import { allSamples } from '../ops/sample-cases.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-exact-'));
after(() => rmSync(dir, { recursive: true }));

for (const [what, source, least] of [
  ['sums, products, means and softmax of 8 bits', 'exact.c', 15_000_000],
  ['sums, products and conversions of int16', 'exact_q16.c', 30_000_000],
] as const)
  test(`${what} in integers are those of float32, ties included`, () => {
    const exe = join(dir, source.replace('.c', ''));
    const strict = ['-Wall', '-Wextra', '-Wconversion', '-Wshadow', '-pedantic', '-Werror'];
    const flags = [...baseCFlags, ...strict, '-Iruntime-c', '-Iruntime-c/include'];
    execFileSync('gcc', [...flags, `test/quant/${source}`, '-o', exe], { cwd: root });
    const compared = Number(execFileSync(exe, { encoding: 'utf8' }));
    assert.ok(compared > least, String(compared));
  });

test('a quantized model with integer edges needs no float routine on a Cortex-M3: residuals, means and softmax neither', () => {
  const out = join(dir, 'resnet8');
  const model = join(shared, 'models/resnet8_mlperf/resnet8_int8_tfl_qdq.onnx');
  const args = ['--target', 'cortex-m3', '--io', 'int8', '--emit', 'lib', '-o', out, '--name', 'net'];
  const built = qcc(['build', model, ...args]);
  assert.equal(built.status, 0, built.stderr);
  const source = readFileSync(join(out, 'net.c'), 'utf8');
  for (const what of ['.has_add = 1', 'qcc_softmax_q8__1__scalar', 'qcc_average_pool_q8__1__scalar'])
    assert.ok(source.includes(what), what);
  const symbols = execFileSync('arm-none-eabi-nm', [join(out, 'libnet.a')], { encoding: 'utf8' });
  assert.match(symbols, / T net_run$/m);
  assert.doesNotMatch(symbols, /U __aeabi_(?:[df]|[a-z]+2[df])/);
});

test('no operation on integers calls a float routine on a Cortex-M3: every kernel that samples of ops take', async () => {
  const out = join(dir, 'samples');
  const [target, assets] = [findTarget(loadTargets(), 'cortex-m3'), loadAssets()];
  const kernels = new Set<string>();
  const includes: string[] = [];
  for (const [i, [, sample]] of (await allSamples()).entries()) {
    const inputs = sample.inputs.map((type, k) => param(`x${k}`, type));
    const outputs = sample.build(inputs).map((value, k) => ({ name: `y${k}`, value }));
    if ([...inputs, ...outputs.map((o) => o.value)].some(({ type }) => type.kind === 'float')) continue;
    const { graph, program, emitted } = compileGraph({ name: `m${i}`, inputs, outputs }, target, assets);
    const symbols = stepsOf(program.body).map((step) => step.kernel.symbol);
    // One of each kernel: what else differs are literals.
    if (floatNodes(graph).length > 0 || symbols.every((symbol) => kernels.has(symbol))) continue;
    for (const symbol of symbols) kernels.add(symbol);
    for (const [path, text] of emitted.files) {
      mkdirSync(join(out, dirname(path)), { recursive: true });
      writeFileSync(join(out, path), text);
    }
    includes.push(`#include "m${i}.c"\n`);
  }
  for (const tile of [
    'add_q8__1',
    'mul_q8__1',
    'softmax_q8__1',
    'average_pool_q8__1',
    'window_mean_q8__1',
    'conv2d_q8__s8',
    'add_q16__1',
    'mul_q16__1',
    'average_pool_q16__1',
    'convert_q16__1',
    'conv2d_q16__1',
    'dwconv2d_q16__1',
  ])
    assert.ok(kernels.has(`qcc_${tile}__scalar`), `${tile} of ${[...kernels].join(' ')}`);
  writeFileSync(join(out, 'all.c'), includes.join(''));
  execFileSync('arm-none-eabi-gcc', [...target.cFlags, '-std=c11', '-O1', '-I.', '-c', 'all.c', '-o', 'all.o'], {
    cwd: out,
  });
  const symbols = execFileSync('arm-none-eabi-nm', [join(out, 'all.o')], { encoding: 'utf8' });
  assert.equal([...symbols.matchAll(/ T m\d+_run$/gm)].length, includes.length);
  assert.deepEqual([...symbols.matchAll(/U __aeabi_(?:[df]|[a-z]+2[df])\w*/g)].map(String), []);
});
