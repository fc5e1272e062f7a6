// needs: c-compiler cppcheck emulator
/** What firmware reviewers run: the MISRA rules listed in runtime-c/README.md as kept, and gcc's static analyser. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { root, shared } from '../cli/command.js';
import { type Emitted, emit, quiet, run } from './emitted.js';

const readme = readFileSync(join(root, 'runtime-c/README.md'), 'utf8');
const listed = /<!-- misra -->([\s\S]*?)<!-- \/misra -->/.exec(readme)?.[1] ?? '';
const kept = [...listed.matchAll(/\b\d{1,2}\.\d{1,2}\b/g)].map(([rule]) => rule);

/** The macros of a target's compiler, as cppcheck takes them: it looks at the code of that target and at no other. */
function macrosOf(compiler: readonly string[]): string[] {
  const [program, ...flags] = compiler;
  const { said } = run([program, ...flags, '-dM', '-E', '-x', 'c', '/dev/null'], root);
  return said.split('\n').flatMap((line) => {
    const [, name, value] = /^#define (\w+) (\S+)$/.exec(line) ?? [];
    return name === undefined || !/^__(?:ARM|arm|GNUC|BYTE|ORDER|SOFTFP|VFP|FLT_|riscv)/.test(name)
      ? []
      : [`-D${name}=${value}`];
  });
}

/** Rules that the addon finds broken, each once. What inline assembly reads it takes for unused: gcc looks for that. */
function broken(model: Emitted, file: string, macros: readonly string[] = []): string[] {
  const words = [
    '--addon=misra',
    '--std=c11',
    '--quiet',
    '--suppress=missingInclude',
    '--max-configs=1',
    ...macros,
    '-I.',
    file,
  ];
  const { said } = run(['cppcheck', ...words], model.dir);
  assert.doesNotMatch(said, /^Traceback|Failed to execute addon/m);
  const found = [...said.matchAll(/^([^:\n]+):.*misra-c2012-([\d.]+)\]/gm)];
  const isAssembly = (path: string) => readFileSync(join(model.dir, path), 'utf8').includes('__asm__');
  return [...new Set(found.flatMap(([, path, rule]) => (rule === '2.7' && isAssembly(path) ? [] : [rule])))];
}

const tiny = (name: string) => readFileSync(join(shared, `models/mlperf-tiny/${name}.tflite`));
const residual = readFileSync(join(shared, 'models/resnet8_mlperf/resnet8_int8_tfl_qdq.onnx'));
const arm = (cpu: string, abi: string) => ['arm-none-eabi-gcc', `-mcpu=${cpu}`, '-mthumb', `-mfloat-abi=${abi}`];

/** Firmware kernels of both dialects, with and without DSP instructions; with QCC_FULL Helium and the other models too. */
const firmware = [
  ['kws.tflite', tiny('kws'), 'cortex-m4', arm('cortex-m4', 'hard')],
  ['resnet8.onnx', residual, 'cortex-m3', arm('cortex-m3', 'soft')],
  ...(process.env.QCC_FULL === undefined
    ? []
    : ([
        ['vww.tflite', tiny('vww'), 'cortex-m4', arm('cortex-m4', 'hard')],
        ['ic.tflite', tiny('ic'), 'cortex-m3', arm('cortex-m3', 'soft')],
        ['resnet8.onnx', residual, 'cortex-m4', arm('cortex-m4', 'hard')],
        ['kws.tflite', tiny('kws'), 'cortex-m0plus', arm('cortex-m0plus', 'soft')],
      ] as const)),
] as const;

test('the MISRA C:2012 rules that are documented as kept are kept', () => {
  assert.ok(kept.length > 50, 'runtime-c/README.md lists them between its marks');
  const dense = emit('dense.onnx', 'scalar');
  // A file that breaks a rule that is listed: the addon must see it.
  const bad =
    'void *malloc(unsigned long bytes);\nvoid *dense_bad(void);\nvoid *dense_bad(void) { return malloc(4u); }\n';
  writeFileSync(join(dense.dir, 'bad.c'), bad);
  assert.ok(broken(dense, 'bad.c').includes('21.3'));
  const claimed = (model: Emitted, file: string, macros: readonly string[] = []) => {
    const found = broken(model, file, macros);
    assert.ok(found.length > 0, 'the addon finds what is not claimed: it works');
    return found.filter((rule) => kept.includes(rule));
  };
  assert.deepEqual(claimed(dense, 'dense.c'), []);
  assert.deepEqual(claimed(dense, 'dense_weights.c'), []);
  for (const [file, bytes, target, compiler] of firmware) {
    const model = emit(file, target, { bytes });
    const macros = macrosOf(compiler);
    assert.ok(macros.length > 20, macros.join(' '));
    assert.deepEqual(claimed(model, `${model.name}.c`, macros), [], `${file} for ${target}`);
  }
});

test('no function calls itself, on no way round', () => {
  for (const file of ['conv.onnx', 'float.onnx']) {
    const model = emit(file, 'scalar');
    quiet(['gcc', '-std=c11', '-O1', '-fcallgraph-info', '-c', `${model.name}.c`, '-o', 'x.o'], model.dir);
    const graph = readFileSync(join(model.dir, 'x.ci'), 'utf8');
    const calls = [...graph.matchAll(/edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"/g)].map(([, from, to]) => ({
      from,
      to,
    }));
    assert.ok(calls.length > 0, graph);
    let left = calls;
    for (let before = -1; before !== left.length; ) {
      before = left.length;
      // What calls nothing more is no part of a circle.
      left = left.filter(({ to }) => left.some((c) => c.from === to));
    }
    assert.deepEqual(left, []);
  }
});

test("gcc's static analyser has nothing to say", () => {
  for (const file of ['conv.onnx', 'dense.onnx', 'float.onnx']) {
    const model = emit(file, 'scalar', { selftest: true });
    for (const source of model.library)
      quiet(
        ['gcc', '-std=c11', '-O1', '-fanalyzer', '-Wall', '-Wextra', '-Werror', '-c', source, '-o', 'x.o'],
        model.dir,
      );
  }
});
