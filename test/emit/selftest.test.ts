// needs: c-compiler emulator
/** `<model>_selftest()`: 0 where every bit is as the interpreter says, else the step that somebody broke. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { crc32 } from '../../src/emit/selftest.js';
import { tensorNpy } from '../../src/npy.js';
import { bufferBytes, stepsOf } from '../../src/program/program.js';
import { qcc } from '../cli/command.js';
import { answers, type Emitted, emit, expected, models, quiet, run, strict, work } from '../generated-c/emitted.js';

const flags: Readonly<Record<string, readonly string[]>> = {
  scalar: ['gcc', '-std=c11', '-O1'],
  'x86-avx2': ['clang-16', '-std=c11', '-O1'],
  'arm-neon': ['aarch64-linux-gnu-gcc', '-std=gnu11', '-O1', '-static'],
};

function withSelftest(file: string, target = 'scalar'): Emitted {
  const model = emit(file, target, { selftest: true });
  const { inputs, outputs } = model.compiled.program;
  assert.ok(inputs.length > 0);
  const fields = outputs.map((output, i) => `static _Alignas(8) unsigned char out${i}[${bufferBytes(output)}];`);
  const NAME = model.name.toUpperCase();
  writeFileSync(
    join(model.dir, 'prove.c'),
    `#include "${model.name}.h"
#include <stdio.h>
static _Alignas(${NAME}_ARENA_ALIGN) unsigned char arena[${NAME}_ARENA_BYTES + 1];
${fields.join('\n')}
int main(void) {
  const struct ${model.name}_outputs out = {${outputs.map((_, i) => `(void *)out${i}`).join(', ')}};
  struct ${model.name}_memory memory = {arena};
  const int first = ${model.name}_selftest(&out, &memory), again = ${model.name}_selftest(&out, &memory);
  memory.arena = NULL;
  printf("%d %d %d\\n", first, again, ${model.name}_selftest(&out, &memory));
  return 0;
}
`,
  );
  return model;
}

/** What the self-test says: once, once more, and without an arena. */
function verdict(model: Emitted, target = 'scalar'): string {
  const exe = join(model.dir, 'prove');
  quiet([...flags[target], ...model.isaFlags, '-I.', ...model.library, 'prove.c', '-o', exe], model.dir);
  const emulator = target === 'arm-neon' ? ['qemu-aarch64'] : [];
  return run([...emulator, exe], model.dir).said.trim();
}

for (const target of Object.keys(flags))
  test(`all is well on ${target}`, () => {
    for (const file of target === 'scalar' ? Object.keys(models) : ['fashion.onnx']) {
      const model = withSelftest(file, target);
      assert.equal(verdict(model, target), `0 0 ${model.compiled.program.arenaBytes > 0 ? -1 : 0}`, file);
    }
  });

/** Other bytes for the constant of this symbol, in the text of the weights. */
function broken(text: string, symbol: string): string {
  const at = text.indexOf(`${symbol}[`, text.indexOf('_Alignas'));
  assert.ok(at > 0, symbol);
  const start = text.indexOf('=', at);
  const end = text.indexOf(';', start);
  const body = text.slice(start, end);
  const changed = body.includes('\\')
    ? body.replace(/\\([0-7]+)/g, (_, octal: string) => `\\${((Number.parseInt(octal, 8) + 3) & 0xff).toString(8)}`)
    : body.replace(/p-?\d+f/g, 'p9f');
  assert.ok(changed !== body, symbol);
  return text.slice(0, start) + changed + text.slice(end);
}

test('a broken constant is found at the step that reads it, whichever step that is', () => {
  const model = withSelftest('fashion.onnx');
  const path = join(model.dir, `${model.name}_weights.c`);
  const sound = readFileSync(path, 'utf8');
  const manifest: unknown = JSON.parse(readFileSync(join(model.dir, 'manifest.json'), 'utf8'));
  assert.ok(typeof manifest === 'object' && manifest !== null && 'steps' in manifest && Array.isArray(manifest.steps));
  const steps: readonly { args: readonly { name: string; buffer: string | null }[] }[] = manifest.steps;
  const weighted = [...steps.entries()].flatMap(([i, step]) => {
    const weights = step.args.find(({ name, buffer }) => name === 'w' && buffer !== null)?.buffer;
    return typeof weights === 'string' ? [{ i, weights }] : [];
  });
  const tried = [weighted[0], weighted[weighted.length >> 1], weighted[weighted.length - 1]];
  for (const { i, weights } of tried) {
    writeFileSync(path, broken(sound, weights));
    assert.equal(verdict(model), `${i + 1} ${i + 1} -1`, weights);
  }
});

test('inputs and outputs in two memories: the program answers as ever, and the self-test sees every value', () => {
  const memory = { regions: ['dtcm', 'sram'].map((name) => ({ name, bytes: 14_000 })), weights: undefined };
  const model = emit('fashion.onnx', 'scalar', { selftest: true, meaning: { memory, ioInArena: true } });
  const { program, emitted } = model.compiled;
  assert.ok(program.regions.every((r) => r.bytes > 0));
  writeFileSync(
    join(model.dir, 'prove.c'),
    `#include "fashion.h"
#include <stdio.h>
static _Alignas(FASHION_DTCM_ALIGN) unsigned char dtcm[FASHION_DTCM_BYTES], sram[FASHION_SRAM_BYTES];
int main(void) {
  struct fashion_memory memory = {NULL, NULL};
  if (fashion_set_dtcm(&memory, dtcm, sizeof dtcm) != QCC_OK || fashion_set_sram(&memory, sram, sizeof sram) != QCC_OK) return 1;
  const int first = fashion_selftest(&memory);
  if (fashion_set_sram(&memory, sram, FASHION_SRAM_BYTES - 1) != QCC_ERROR_ARENA) return 2;
  printf("%d %d\\n", first, fashion_selftest(&memory));
  return 0;
}
`,
  );
  const prove = () => verdict({ ...model, isaFlags: strict });
  assert.equal(prove(), '0 -1');
  const path = join(model.dir, 'fashion_selftest.c');
  const sound = readFileSync(path, 'utf8');
  const values = [...sound.matchAll(/\{ (\d+)u, ([01])u, .*UINT32_C\(0x([0-9a-f]{8})\) \}/g)];
  assert.equal(values.length, stepsOf(program.body).length);
  for (const place of ['0', '1']) {
    const [line, step, , digest] = values.find((v) => v[2] === place) ?? assert.fail(`nothing lies in memory ${place}`);
    writeFileSync(path, sound.replace(line, line.replace(digest, 'deadbeef')));
    assert.equal(prove(), `${step} -1`);
  }
  const { inputs, outputs } = expected(model);
  const exe = join(model.dir, 'main');
  quiet(
    [
      'gcc',
      '-std=c11',
      '-O1',
      '-ffp-contract=off',
      ...strict,
      '-I.',
      ...model.library,
      ...emitted.hostSources,
      '-o',
      exe,
    ],
    model.dir,
  );
  assert.deepEqual(
    answers(model, [exe], inputs),
    outputs.map((o) => Buffer.from(tensorNpy(o))),
  );
});

test('a broken kernel is found at its first step', () => {
  const model = withSelftest('fashion.onnx');
  const steps = stepsOf(model.compiled.program.body);
  const first = steps.findIndex((step) => step.kernel.family === 'dwconv2d_q8');
  const path = join(model.dir, 'qcc/isa/scalar/dwconv2d_q8.h');
  const text = readFileSync(path, 'utf8');
  const off = text.replace('int32_t acc = ', 'int32_t acc = 1000 + ');
  assert.notEqual(off, text);
  writeFileSync(path, off);
  assert.equal(verdict(model), `${first + 1} ${first + 1} -1`);
});

test('a broken digest is found too: every value is looked at', () => {
  const model = withSelftest('conv.onnx');
  const path = join(model.dir, 'conv_selftest.c');
  const sound = readFileSync(path, 'utf8');
  const digests = [...sound.matchAll(/\{ (\d+)u, .*UINT32_C\(0x([0-9a-f]{8})\) \}/g)];
  assert.equal(digests.length, stepsOf(model.compiled.program.body).length);
  for (const [line, step, digest] of digests) {
    writeFileSync(path, sound.replace(line, line.replace(digest, digest === '00000000' ? '00000001' : '00000000')));
    assert.equal(verdict(model), `${step} ${step} -1`);
  }
});

test('no compiler has anything to say about it, and it needs nothing but memory functions', () => {
  for (const file of ['dense.onnx', 'float.onnx']) {
    const model = withSelftest(file);
    const source = `${model.name}_selftest.c`;
    for (const cc of ['gcc', 'clang-16'])
      quiet([cc, '-std=c11', '-O2', '-ffp-contract=off', ...strict, '-c', source, '-o', 'x.o'], model.dir);
    const names = run(['nm', '-P', 'x.o'], model.dir).said.trim().split('\n');
    for (const line of names) {
      const [name, kind] = line.split(' ');
      if (kind === 'U') assert.match(name, new RegExp(`^(mem(cpy|set|move)|${model.name}_\\w+)$`), line);
      else if (/[A-Z]/.test(kind)) assert.equal(name, `${model.name}_selftest`, line);
      assert.doesNotMatch(kind, /^[dDbBcC]$/, line);
    }
  }
});

test('the digest is the CRC-32 of everybody', () => {
  assert.equal(crc32(new TextEncoder().encode('123456789')), 0xcbf43926);
});

test('the command line: only where it is asked for, in the library, not in a single file', () => {
  const dense = join(work, 'dense.onnx');
  writeFileSync(dense, models['dense.onnx']);
  const out = join(work, 'cli');
  const plain = qcc(['build', dense, '-o', out, '--target', 'scalar', '--emit', 'c']);
  assert.equal(plain.status, 0, plain.stderr);
  assert.doesNotMatch(readFileSync(join(out, 'manifest.json'), 'utf8'), /selftest/);
  assert.doesNotMatch(readFileSync(join(out, 'dense.c'), 'utf8'), /QCC_AFTER_STEP/);
  const built = qcc(['build', dense, '-o', out, '--target', 'scalar', '--emit', 'lib,selftest']);
  assert.equal(built.status, 0, built.stderr);
  assert.match(run(['nm', join(out, 'libdense.a')], out).said, / T dense_selftest$/m);
  assert.match(readFileSync(join(out, 'CMakeLists.txt'), 'utf8'), /dense_selftest\.c/);
  const single = qcc(['build', dense, '-o', out, '--emit', 'selftest', '--single-file']);
  assert.equal(single.status, 2);
  assert.match(single.stderr, /Q0605.*self-test/);
});
