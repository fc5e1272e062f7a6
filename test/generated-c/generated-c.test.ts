// needs: c-compiler emulator
/** The C as users compile it: with any compiler, any standard mode, any optimisation, their warnings and sanitizers. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { tensorNpy } from '../../src/npy.js';
import { node, model as onnx, value as valueInfo } from '../onnx/model-builder.js';
import { answers, type Emitted, emit, expected, models, program, quiet, run, strict, work } from './emitted.js';

const compilers = ['gcc', 'clang-16'] as const;
const native = ['scalar', 'x86-avx2'] as const;
const names = Object.keys(models);

/** The program's outputs are the interpreter's, to the byte. */
function agrees(model: Emitted, exe: readonly string[], what: string): void {
  const { inputs, outputs } = expected(model);
  for (const [i, bytes] of answers(model, exe, inputs).entries())
    assert.ok(bytes.equals(tensorNpy(outputs[i])), `${what}: output ${i} differs`);
}

for (const cc of compilers)
  test(`${cc} has nothing to say about the C`, () => {
    const compile = (model: Emitted, source: string, ...flags: string[]) =>
      quiet([cc, ...flags, ...strict, ...model.isaFlags, '-I.', '-c', source, '-o', 'x.o'], model.dir);
    for (const target of native)
      for (const file of names) {
        const model = emit(file, target);
        for (const source of model.library) {
          compile(model, source, '-std=c11', '-O3');
          compile(model, source, '-std=gnu11', '-O0', '-ffp-contract=fast', '-fsyntax-only');
        }
        const single = emit(file, target, { singleFile: true });
        compile(single, single.library[0], '-std=c17', '-O0', '-fsyntax-only');
      }
    const model = emit('float.onnx', 'scalar');
    for (const source of model.compiled.emitted.hostSources) compile(model, source, '-std=c11', '-O2');
  });

test('nor has a compiler for ARM', () => {
  for (const file of names) {
    const model = emit(file, 'arm-neon');
    for (const source of model.library)
      quiet(
        ['aarch64-linux-gnu-gcc', '-std=c11', '-O3', ...strict, ...model.isaFlags, '-c', source, '-o', 'x.o'],
        model.dir,
      );
  }
});

test('-ffast-math is refused: answers would depend on the compiler', () => {
  const model = emit('conv.onnx', 'scalar');
  for (const cc of compilers)
    for (const flag of ['-ffast-math', '-Ofast']) {
      const { code, said } = run([cc, '-std=c11', flag, '-fsyntax-only', 'conv.c'], model.dir);
      assert.notEqual(code, 0);
      assert.match(said, /#error.*fast-math/, `${cc} ${flag}`);
    }
});

test('C for an instruction set is refused without its flags', () => {
  const model = emit('conv.onnx', 'x86-avx2');
  for (const cc of compilers) {
    const { code, said } = run([cc, '-std=c11', '-fsyntax-only', 'conv.c'], model.dir);
    assert.notEqual(code, 0);
    assert.match(said, /target x86-avx2: compile it with the flags of that target/, cc);
  }
});

/** Flags of users: none of ours, and contraction where the CPU has the instruction. */
const foreign: readonly (readonly string[])[] = [
  ['gcc', '-std=gnu11', '-O3', '-mavx2', '-mfma', '-ffp-contract=fast'],
  ['clang-16', '-std=gnu11', '-O3', '-mavx2', '-mfma', '-ffp-contract=fast'],
  ['gcc', '-std=c11', '-O0'],
  ['clang-16', '-std=c11', '-Os'],
];
for (const flags of foreign)
  test(`the same bytes with ${flags.join(' ')}`, () => {
    for (const target of native)
      for (const file of target === 'scalar' ? names : ['conv.onnx', 'float.onnx']) {
        const model = emit(file, target);
        agrees(model, [program(model, flags)], `${file} for ${target}`);
      }
  });

test('the same bytes on an emulated ARM', () => {
  for (const file of names) {
    const model = emit(file, 'arm-neon');
    const exe = program(model, ['aarch64-linux-gnu-gcc', '-std=gnu11', '-O2', '-ffp-contract=fast', '-static']);
    agrees(model, ['qemu-aarch64', exe], file);
  }
});

test('clean under the address and undefined-behaviour sanitizers', () => {
  const sanitizers = [
    '-g',
    '-O1',
    '-fsanitize=address,undefined',
    '-fno-sanitize-recover=all',
    '-fno-omit-frame-pointer',
  ];
  for (const [target, cc] of [
    ['scalar', 'gcc'],
    ['x86-avx2', 'clang-16'],
  ])
    for (const file of target === 'scalar' ? ['conv.onnx', 'float.onnx'] : names) {
      const model = emit(file, target);
      agrees(model, [program(model, [cc, '-std=c11', ...sanitizers])], `${file} for ${target}, ${cc}`);
    }
});

/** What the library may need from outside: memory functions that compilers call by themselves, and the CPU test. */
const allowed =
  /^(memcpy|memmove|memset|memcmp|__cpu_model|__cpu_indicator_init|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_)$/;

test('the library defines only names with its prefix, needs no libc, and has no variables', () => {
  const audited = [
    emit('conv.onnx', 'scalar', { singleFile: true }),
    ...native.flatMap((target) => names.map((file) => emit(file, target))),
  ];
  for (const model of audited)
    for (const source of model.library) {
      const cc = model.isaFlags.length === 0 ? 'gcc' : 'clang-16';
      quiet([cc, '-std=c11', '-O1', ...model.isaFlags, '-c', source, '-o', 'x.o'], model.dir);
      for (const line of run(['nm', '-P', 'x.o'], model.dir).said.trim().split('\n')) {
        const [name, kind] = line.split(' ');
        if (kind === 'U') assert.ok(allowed.test(name) || name.startsWith(`${model.name}_`), `${source}: ${line}`);
        else if (/[A-Z]/.test(kind)) assert.ok(name.startsWith(`${model.name}_`), `${source}: ${line}`);
        assert.doesNotMatch(kind, /^[dDbBcCsSgG]$/, `${source}: ${line}: a variable`);
      }
    }
});

test('two models link into one program and answer as they do alone', () => {
  const pair = [emit('conv.onnx', 'scalar'), emit('float.onnx', 'x86-avx2')];
  const objects = pair.flatMap((model, i) =>
    model.library.map((source, k) => {
      const object = join(work, `pair-${i}-${k}.o`);
      quiet(['gcc', '-std=c11', '-O2', ...strict, ...model.isaFlags, '-c', source, '-o', object], model.dir);
      return object;
    }),
  );
  const [conv, float] = pair.map((model) => ({ model, ...expected(model) }));
  const list = (values: Iterable<number | bigint>) =>
    [...values].map((v) => `${v}f`.replace(/^(-?\d+)f/, '$1.0f')).join(',');
  writeFileSync(
    join(work, 'pair.c'),
    `#include <stdio.h>
#include <string.h>
#include "${conv.model.dir}/conv.h"
#include "${float.model.dir}/float_.h"
static _Alignas(CONV_ARENA_ALIGN) unsigned char conv_arena[CONV_ARENA_BYTES];
static _Alignas(FLOAT__ARENA_ALIGN) unsigned char float_arena[FLOAT__ARENA_BYTES];
static const float conv_x[] = {${list(conv.inputs[0].data)}};
static const float float_x[] = {${list(float.inputs[0].data)}};
int main(void) {
  static float conv_y[CONV_Y_ELEMENTS], float_y[FLOAT__Y_ELEMENTS];
  for (int i = 0; i < 2; i++) {
    if (conv_run(&(struct conv_inputs){conv_x}, &(struct conv_outputs){conv_y}, &(struct conv_memory){conv_arena})) return 1;
    if (float__run(&(struct float__inputs){float_x}, &(struct float__outputs){float_y}, &(struct float__memory){float_arena}))
      return 2;
  }
  fwrite(conv_y, 1, sizeof conv_y, stdout);
  fwrite(float_y, 1, sizeof float_y, stdout);
  return 0;
}
`,
  );
  quiet(['gcc', '-std=c11', '-O2', ...strict, 'pair.c', ...objects, '-o', 'pair'], work);
  const { code, said } = run(['./pair'], work);
  assert.equal(code, 0, said);
  quiet(['sh', '-c', './pair > pair.bin'], work);
  const want = [conv, float].flatMap((m) =>
    m.outputs.map((o) => Buffer.from(o.data.buffer, o.data.byteOffset, o.data.byteLength)),
  );
  assert.ok(Buffer.concat(want).equals(readFileSync(join(work, 'pair.bin'))), 'together they answer something else');
});

test('C++ takes the header, and calls the model', () => {
  const model = emit('dense.onnx', 'scalar');
  writeFileSync(
    join(model.dir, 'main.cc'),
    `#include "dense.h"
#include "dense.h"
alignas(DENSE_ARENA_ALIGN) static unsigned char arena[DENSE_ARENA_BYTES + 1];
int main() {
  uint8_t x[DENSE_X_ELEMENTS] = {}, y[DENSE_Y_ELEMENTS];
  const dense_inputs in = {x};
  const dense_outputs out = {y};
  const dense_memory memory = {arena};
  return dense_run(&in, &out, &memory) == QCC_OK ? 0 : 1;
}
`,
  );
  quiet(
    [
      'clang-16',
      '-x',
      'c++',
      '-std=c++17',
      '-Wall',
      '-Wextra',
      '-pedantic',
      '-Werror',
      '-c',
      'main.cc',
      '-o',
      'main.o',
    ],
    model.dir,
  );
  for (const source of model.library)
    quiet(['clang-16', '-std=c11', '-O1', '-c', source, '-o', `${source}.o`], model.dir);
  quiet(['clang-16', 'main.o', ...model.library.map((s) => `${s}.o`), '-o', 'main'], model.dir);
  quiet(['./main'], model.dir);
});

test('a single file needs nothing beside its header', () => {
  for (const file of ['conv.onnx', 'float.onnx']) {
    const model = emit(file, 'scalar', { singleFile: true });
    rmSync(join(model.dir, 'qcc'), { recursive: true, force: true });
    assert.deepEqual(model.library, [`${model.name}.c`]);
    agrees(model, [program(model, ['gcc', '-std=c11', '-O2'])], file);
  }
});

test('run says what is missing instead of crashing', () => {
  const model = emit('conv.onnx', 'scalar');
  writeFileSync(
    join(model.dir, 'null.c'),
    `#include "conv.h"
static _Alignas(CONV_ARENA_ALIGN) unsigned char arena[CONV_ARENA_BYTES + 1];
static float x[CONV_X_ELEMENTS], y[CONV_Y_ELEMENTS];
static int status_of(const void *input, void *output) {
  const struct conv_inputs in = {input};
  const struct conv_outputs out = {output};
  const struct conv_memory memory = {arena};
  return conv_run(&in, &out, &memory);
}
int main(void) {
  const struct conv_inputs in = {x}, no_in = {0};
  const struct conv_outputs out = {y}, no_out = {0};
  const struct conv_memory memory = {arena}, no_memory = {0}, odd = {arena + 1};
  if (status_of((char *)x + 1, y) != QCC_ERROR_ALIGNMENT || status_of(x, (char *)y + 2) != QCC_ERROR_ALIGNMENT) return 2;
  if (status_of(x, x) != QCC_ERROR_OVERLAP || status_of(x, x + CONV_X_ELEMENTS - 1) != QCC_ERROR_OVERLAP) return 3;
  struct conv_memory given = {arena};
  if (conv_set_arena(&given, arena, CONV_ARENA_BYTES - 1) != QCC_ERROR_ARENA || conv_run(&in, &out, &given) != QCC_ERROR_NULL) return 5;
  if (conv_set_arena(&given, arena, sizeof arena) != QCC_OK || conv_run(&in, &out, &given) != QCC_OK) return 6;
  if (status_of(arena, y) != QCC_ERROR_OVERLAP || status_of(x, arena + CONV_ARENA_BYTES - 64) != QCC_ERROR_OVERLAP) return 4;
  return conv_run(&in, &out, &memory) == QCC_OK && conv_run(0, &out, &memory) == QCC_ERROR_NULL &&
                 conv_run(&in, 0, &memory) == QCC_ERROR_NULL && conv_run(&in, &out, 0) == QCC_ERROR_NULL &&
                 conv_run(&no_in, &out, &memory) == QCC_ERROR_NULL && conv_run(&in, &no_out, &memory) == QCC_ERROR_NULL &&
                 conv_run(&in, &out, &no_memory) == QCC_ERROR_NULL && conv_run(&in, &out, &odd) == QCC_ERROR_ALIGNMENT
             ? 0
             : 1;
}
`,
  );
  quiet(['gcc', '-std=c11', '-O1', ...strict, 'null.c', ...model.library, '-o', 'null'], model.dir);
  quiet(['./null'], model.dir);
});

/** Names made to leave a comment, a string, an identifier, a macro, a path, a terminal. */
const hostile = [
  '*/ int main(void) { return 66; } /*',
  '"; #error "x',
  'a\n#error in C\n',
  '\\',
  '??/',
  '%s%n',
  'int',
  'arena',
  'in',
  'é\u202eé',
  '../../../etc/passwd',
  '$(touch pwned)',
  'x'.repeat(3000),
  '\x1b[2J',
  '0',
];

test('names of a model cannot say anything in C', () => {
  const value = (name: string) => valueInfo(name, 'f32', [2]);
  const bytes = onnx({
    name: hostile[0],
    inputs: hostile.map((name) => value(`i${name}`)),
    outputs: hostile.map((name) => value(`o${name}`)),
    nodes: hostile.map((name) => node('Relu', [`i${name}`], [`o${name}`], {}, name)),
  });
  for (const file of [
    '*/ #error "\n.onnx',
    'con.onnx',
    '-rf.onnx',
    '../m.onnx',
    'int.onnx',
    '.onnx',
    '0.onnx',
    'é.onnx',
  ]) {
    const model = emit(file, 'scalar', { bytes });
    for (const source of [...model.library, ...model.compiled.emitted.hostSources])
      quiet(
        ['gcc', '-std=c11', '-O0', ...strict, '-Wcomment', '-Wtrigraphs', '-I.', '-fsyntax-only', source],
        model.dir,
      );
  }
  const model = emit('hostile.onnx', 'scalar', { bytes });
  const exe = program(model, ['gcc', '-std=c11', '-trigraphs', '-O1']);
  const info: unknown = JSON.parse(run([exe, '--info', '--json'], model.dir).said);
  assert.ok(typeof info === 'object' && info !== null && 'inputs' in info && Array.isArray(info.inputs));
  assert.deepEqual(
    info.inputs.map((i: { name: string }) => i.name),
    hostile.map((name) => `i${name}`),
  );
  // Without inputs it seeds them itself, and prints names on the terminal.
  const { code, said } = run([exe], model.dir);
  assert.equal(code, 0, said);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these must not reach a terminal
  assert.doesNotMatch(said, /[\x00-\x09\x0b-\x1f\x7f\u202e]/);
});
