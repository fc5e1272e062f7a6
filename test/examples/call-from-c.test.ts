// needs: c-compiler emulator
/** Two models linked into one program: the same digits with every compiler and on another CPU. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { root } from '../cli/command.js';
import { mainFile } from '../cli/installation.js';

const example = join(root, 'examples/call-from-c');
const expected = readFileSync(join(example, 'expected.txt'), 'utf8');
const dir = mkdtempSync(join(tmpdir(), 'qcc-call-from-c-'));
after(() => rmSync(dir, { recursive: true, force: true }));

/** Sooner there than what the Makefile calls without being told. */
const command = `"${process.execPath}" "${mainFile()}"`;
const strict = '-O2 -Wall -Wextra -Wconversion -Wshadow -Wvla -pedantic -Werror';
const make = (out: string, ...words: readonly string[]) =>
  execFileSync('make', ['-s', `OUT=${join(dir, out)}`, `CFLAGS=${strict}`, ...words], {
    cwd: example,
    encoding: 'utf8',
  });

test('make builds both models and the program, which prints what the README says', () => {
  assert.ok(make('host').endsWith(expected));
  assert.ok(readFileSync(join(example, 'README.md'), 'utf8').includes(expected));
});

test('with clang', () => {
  assert.ok(make('clang', 'CC=clang-16', `QCC=${command}`).endsWith(expected));
});

test('on another CPU', () => {
  const [target, cc, emulator] =
    process.arch === 'arm64'
      ? ['x86-avx2', 'x86_64-linux-gnu-gcc', ['qemu-x86_64', '-cpu', 'max']]
      : ['arm-neon', 'aarch64-linux-gnu-gcc', ['qemu-aarch64']];
  const qcc = `sh -c '${command} "$$@" --target ${target} --cc ${cc}' qcc`;
  make('cross', `QCC=${qcc}`, `CC=${cc}`, `CFLAGS=${strict} -static`, join(dir, 'cross/classify'));
  const [program, ...flags] = emulator;
  const picture = join(root, 'examples/fashion-classifier/sample.npy');
  const words = [...flags, join(dir, 'cross/classify'), picture];
  assert.equal(execFileSync(String(program), words, { encoding: 'utf8' }), expected);
});
