// needs: c-compiler firmware
/** Images for machines without an operating system: what is built, that it answers as the interpreter does, what is counted. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { isBareMetal } from '../../src/target/firmware.js';
import { loadTargets } from '../../src/target/load.js';
import { fashion, qcc, shared } from '../cli/command.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc firmware,test-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const names = [...loadTargets().targets.values()].filter(isBareMetal).map((t) => t.name);

test('Cortex-M and RISC-V cores are targets without an operating system', () => {
  for (const core of ['m0plus', 'm3', 'm4', 'm7', 'm33', 'm55'])
    assert.ok(names.includes(`cortex-${core}`), `cortex-${core}`);
  assert.ok(names.includes('riscv32'));
});

for (const name of names)
  test(`${name}: the image answers as the interpreter does`, () => {
    const run = qcc(['verify', fashion, '--target', name, '--steps', '--json']);
    assert.equal(run.status, 0, run.stderr);
    const answer = JSON.parse(run.stdout);
    assert.ok(answer.outputs.length > 0);
    for (const output of answer.outputs) assert.equal(output.equal_fraction, 1);
    assert.ok(answer.steps.length > 1);
    for (const step of answer.steps) assert.equal(step.equal_fraction, 1, JSON.stringify(step));
  });

test('C alone by default; a program on demand, which reads and writes files', () => {
  const out = join(dir, 'a build');
  assert.equal(qcc(['build', fashion, '--target', 'cortex-m4', '-o', out]).status, 0);
  assert.ok(existsSync(join(out, 'fashion.c')) && !existsSync(join(out, 'fashion')));
  assert.equal(qcc(['build', fashion, '--target', 'cortex-m4', '--emit', 'c,exe,lib', '-o', out]).status, 0);
  const sample = join(fashion, '../sample.npy');
  const [image, native] = ['m4,1.npy', 'native.npy'].map((file) => join(dir, file));
  const answer = qcc(['run', out, '--input', sample, '--output', image]);
  assert.equal(answer.status, 0, answer.stderr);
  assert.equal(qcc(['run', fashion, '--input', sample, '--output', native]).status, 0);
  assert.deepEqual(readFileSync(image), readFileSync(native));
  const wrong = qcc(['run', out, '--input', join(dir, 'nothing.npy')]);
  assert.deepEqual([wrong.status, wrong.stdout], [1, '']);
  assert.match(wrong.stderr, /nothing\.npy/);
});

test('the Makefile of a build folder makes the same image', () => {
  const out = join(dir, 'make');
  assert.equal(qcc(['build', fashion, '--target', 'cortex-m3', '-o', out]).status, 0);
  // make cannot handle blanks in names, so the folder is entered.
  execFileSync('make', ['-f', 'host/Makefile'], { cwd: out, stdio: 'pipe' });
  const answer = qcc(['run', out, '--json']);
  assert.equal(answer.status, 0, answer.stderr);
  assert.equal(JSON.parse(answer.stdout).target, 'cortex-m3');
});

test('a shared library has no loader there', () => {
  const run = qcc(['build', fashion, '--target', 'cortex-m4', '--emit', 'shared', '-o', join(dir, 'shared')]);
  assert.equal(run.status, 2);
  assert.match(run.stderr, /error\[Q0520\]/);
  assert.ok(!existsSync(join(dir, 'shared')));
});

for (const name of ['cortex-m4', 'riscv32'])
  test(`${name}: instructions are counted, the same in every run`, () => {
    const runs = (name === 'riscv32' ? [1] : [1, 2]).map(() => qcc(['bench', fashion, '--target', name, '--json']));
    const [first] = runs;
    assert.equal(first.status, 0, first.stderr);
    for (const run of runs) assert.equal(run.stdout, first.stdout);
    const answer = JSON.parse(first.stdout);
    let sum = 0;
    for (const step of answer.steps) {
      assert.ok(step.instructions > step.macs / 4, JSON.stringify(step));
      sum += step.instructions;
    }
    assert.equal(answer.qcc.instructions, sum);
    assert.ok(answer.binary_bytes > answer.flash_bytes && answer.flash_bytes > answer.weights_bytes);
  });

/** What a compiler calls for arithmetic of floats that the core has no instructions for. */
const softFloat =
  /\b(__aeabi_([fd](add|sub|rsub|mul|div|cmp\w*|2\w+)|u?[il]2[fd])|__(add|sub|mul|div|eq|ne|lt|le|gt|ge|unord|fix\w*|float\w*|extend\w*|trunc\w*)[sd]f\w*)\b/;

for (const [name, nm] of [
  ['cortex-m0plus', 'arm-none-eabi-nm'],
  ['cortex-m3', 'arm-none-eabi-nm'],
  ['riscv32', 'riscv64-unknown-elf-nm'],
] as const)
  test(`${name}: an int8 model computes without floats, under either rounding`, () => {
    assert.match('U __aeabi_fmul', softFloat);
    assert.match('U __mulsf3', softFloat);
    for (const rounding of ['tflite', 'onnx']) {
      const out = join(dir, `${name}-${rounding}`);
      const model = join(shared, 'models/mlperf-tiny/kws.tflite');
      const run = qcc(['build', model, '--target', name, '--rounding', rounding, '--emit', 'c,lib', '-o', out]);
      assert.equal(run.status, 0, run.stderr);
      const [library] = readdirSync(out).filter((file) => file.endsWith('.a'));
      assert.doesNotMatch(execFileSync(nm, [join(out, library)], { encoding: 'utf8' }), softFloat);
    }
  });

test('the library is free of warnings under clang too', () => {
  const out = join(dir, 'clang');
  assert.equal(qcc(['build', fashion, '--target', 'cortex-m4', '-o', out]).status, 0);
  const strict = ['-Wall', '-Wextra', '-Wconversion', '-Wshadow', '-Wvla', '-pedantic', '-Werror'];
  const machine = ['--target=thumbv7em-none-eabihf', '-mcpu=cortex-m4', '-ffreestanding'];
  for (const file of ['fashion.c', 'fashion_weights.c'])
    execFileSync('clang-16', ['-std=c11', '-O2', ...machine, ...strict, '-c', file, '-o', 'clang.o'], {
      cwd: out,
      stdio: 'pipe',
    });
});
