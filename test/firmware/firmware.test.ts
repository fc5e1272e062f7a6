// needs: c-compiler firmware
/** Images for machines without an operating system: what is built, that it answers as the interpreter does, what is counted. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { compile } from '../../src/compiler.js';
import { writeTree } from '../../src/files.js';
import { readNpy, writeNpy } from '../../src/npy.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { importModel } from '../../src/onnx/import.js';
import { defaultQuantization, quantizeModel, quantizeWithoutData } from '../../src/quantizer.js';
import { isBareMetal } from '../../src/target/firmware.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { fashion, firmwareFashion, qcc, shared } from '../cli/command.js';
import { node, onnxModel, value } from '../onnx/model-builder.js';
import { wideModel } from '../onnx/wide-model.js';
import { cnn, feedForward } from '../quantizer/float-models.js';
import { interpretedRanges, randomSamples } from '../quantizer/interpreted-ranges.js';

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
    // Where a core has memories of its own, inputs and outputs lie in one of them.
    const inside = name === 'cortex-m7' ? ['--io-in-arena', '--memory', 'dtcm=8K,sram=64K'] : [];
    const run = qcc(['verify', fashion, '--target', name, '--steps', '--json', ...inside]);
    assert.equal(run.status, 0, run.stderr);
    const answer = JSON.parse(run.stdout);
    assert.ok(answer.outputs.length > 0);
    for (const output of answer.outputs) assert.equal(output.equal_fraction, 1);
    assert.ok(answer.steps.length > 1);
    for (const step of answer.steps) assert.equal(step.equal_fraction, 1, JSON.stringify(step));
  });

function numbersIn(file: string): number[] {
  return Array.from(readNpy(readFileSync(file), file).data, Number);
}

test('C alone by default; a program on demand, which reads and writes files', () => {
  const out = join(dir, 'a build');
  assert.equal(qcc(['build', firmwareFashion, '--target', 'cortex-m4', '-o', out]).status, 0);
  assert.ok(existsSync(join(out, 'fashion.c')) && !existsSync(join(out, 'fashion')));
  // The program takes and gives integers; running the model, on any target, means the model's own floats.
  assert.equal(qcc(['build', firmwareFashion, '--target', 'cortex-m4', '--emit', 'c,exe,lib', '-o', out]).status, 0);
  const sample = join(fashion, '../sample.npy');
  const [pixels, image, native, emulated] = ['x.npy', 'm4,1.npy', 'native.npy', 'm4 float.npy'].map((f) =>
    join(dir, f),
  );
  const reals = readNpy(readFileSync(sample), sample);
  const stored = Uint8Array.from(numbersIn(sample), (x) => Math.round(x * 255));
  writeFileSync(pixels, writeNpy({ element: 'u8', shape: reals.shape, data: stored }));
  const answer = qcc(['run', out, '--input', pixels, '--output', image]);
  assert.equal(answer.status, 0, answer.stderr);
  for (const [file, target] of [
    [native, []],
    [emulated, ['--target', 'cortex-m4']],
  ] as const)
    assert.equal(qcc(['run', firmwareFashion, ...target, '--input', sample, '--output', file]).status, 0);
  assert.deepEqual(readFileSync(emulated), readFileSync(native));
  const header = readFileSync(join(out, 'fashion.h'), 'utf8');
  const scale = Math.fround(Number(/"logits" .*real = (\S+) \*/.exec(header)?.[1]));
  const zero = Number(/FASHION_LOGITS_ZERO_POINT (\d+)/.exec(header)?.[1]);
  assert.deepEqual(
    numbersIn(image).map((q) => Math.fround((q - zero) * scale)),
    numbersIn(native),
  );
  const wrong = qcc(['run', out, '--input', join(dir, 'nothing.npy')]);
  assert.deepEqual([wrong.status, wrong.stdout], [1, '']);
  assert.match(wrong.stderr, /nothing\.npy/);
});

test('floats are refused by name, unless they are asked for; measurements say what build would say', () => {
  const out = join(dir, 'floats');
  const refused = qcc(['build', fashion, '--target', 'cortex-m4', '-o', out]);
  assert.deepEqual([refused.status, refused.stdout, existsSync(out)], [3, '', false]);
  for (const node of ['/GlobalAveragePool', '/fc/Gemm'])
    assert.ok(refused.stderr.includes(`node "${node}"`), refused.stderr);
  assert.match(refused.stderr, /qcc quantize FLOAT.*--no-integer-only/);
  const allowed = qcc(['build', fashion, '--target', 'cortex-m4', '--no-integer-only', '-o', out]);
  assert.equal(allowed.status, 0, allowed.stderr);
  const header = readFileSync(join(out, 'fashion.h'), 'utf8');
  assert.match(header, /static inline uint8_t fashion_quantize_input\(float real\)/);
  const inspected = qcc(['inspect', fashion, '--target', 'cortex-m4', '--json']);
  assert.deepEqual([inspected.status, JSON.parse(inspected.stdout).inputs[0].dtype], [0, 'uint8']);
  assert.match(inspected.stderr, /note\[Q0421\].*"\/GlobalAveragePool"/);
});

test('verify compares the integers of the program with the floats of ONNX Runtime', () => {
  const dims = new Map<string, number>();
  const float = importModel(cnn(), { dims, rounding: 'onnx', name: 'm', keepNames: true }).graph;
  const ranges = interpretedRanges(float, randomSamples(float, 8, -2.5, 2.5));
  const quantization = { ...defaultQuantization, integerOutputs: true };
  const file = join(dir, 'cnn.onnx');
  writeFileSync(file, encodeModel(quantizeModel(cnn(), { ranges, quantization, dims, version: '' }).model));
  const run = qcc(['verify', file, '--target', 'cortex-m3', '--json']);
  assert.equal(run.status, 0, run.stderr);
  const { outputs, onnxruntime } = JSON.parse(run.stdout);
  for (const [output] of [outputs, onnxruntime.outputs]) assert.equal(output.equal_fraction, 1, run.stdout);
});

test('the Makefile of a build folder makes the same image', () => {
  const out = join(dir, 'make');
  assert.equal(qcc(['build', firmwareFashion, '--target', 'cortex-m3', '-o', out]).status, 0);
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

test('cortex-m0plus: an int16 model computes without floats: sums, products, means and conversions too', () => {
  const [file, out] = [join(dir, 'wide.onnx'), join(dir, 'wide')];
  writeFileSync(file, wideModel());
  const run = qcc(['build', file, '--target', 'cortex-m0plus', '--emit', 'c,lib', '-o', out]);
  assert.equal(run.status, 0, run.stderr);
  const source = readFileSync(join(out, 'wide.c'), 'utf8');
  for (const family of ['conv2d', 'dwconv2d', 'add', 'mul', 'convert', 'average_pool'])
    assert.ok(source.includes(`qcc_${family}_q16__1__scalar(`), family);
  assert.doesNotMatch(execFileSync('arm-none-eabi-nm', [join(out, 'libwide.a')], { encoding: 'utf8' }), softFloat);
});

test('the library is free of warnings under clang too', () => {
  const out = join(dir, 'clang');
  assert.equal(qcc(['build', firmwareFashion, '--target', 'cortex-m4', '-o', out]).status, 0);
  const strict = ['-Wall', '-Wextra', '-Wconversion', '-Wshadow', '-Wvla', '-pedantic', '-Werror'];
  const machine = ['--target=thumbv7em-none-eabihf', '-mcpu=cortex-m4', '-ffreestanding'];
  for (const file of ['fashion.c', 'fashion_weights.c'])
    execFileSync('clang-16', ['-std=c11', '-O2', ...machine, ...strict, '-c', file, '-o', 'clang.o'], {
      cwd: out,
      stdio: 'pipe',
    });
});

/** Floats throughout; run-time scales. */
const floatsOnHelium: ReadonlyMap<string, () => Uint8Array> = new Map([
  ['sum', floatSum],
  ['dynamic', dynamicProducts],
]);

function floatSum(): Uint8Array {
  const [x, y, z] = ['x', 'y', 'z'].map((name) => value(name, 'f32', [64, 32]));
  const nodes = [node('Add', ['x', 'y'], ['s'], {}, 'sum'), node('Relu', ['s'], ['z'], {}, 'relu')];
  return encodeModel(onnxModel({ opset: 14, inputs: [x, y], outputs: [z], initializers: {}, nodes }));
}

function dynamicProducts(): Uint8Array {
  const options = { mode: 'dynamic', per: 'run' } as const;
  return encodeModel(quantizeWithoutData(feedForward(), options, { dims: new Map(), version: '' }).model);
}

for (const [name, bytes] of floatsOnHelium)
  test(`Helium computes the floats of ${name} one by one, under gcc and clang: its vectors flush subnormal numbers`, () => {
    const out = join(dir, `m55 ${name}`);
    const target = findTarget(loadTargets(), 'cortex-m55');
    writeTree(out, compile({ model: bytes(), fileName: `${name}.onnx` }, target, loadAssets()).emitted.files);
    const source = readFileSync(join(out, `${name}.c`), 'utf8');
    writeFileSync(join(out, 'vectors.c'), source.replace(/^QCC_SCALAR_FLOATS$/gm, ''));
    const flags = [
      '-mcpu=cortex-m55',
      '-mfloat-abi=hard',
      '-std=c11',
      '-O3',
      '-ffp-contract=off',
      '-DQCC_CONTRACTION_OFF',
      '-ffreestanding',
    ];
    const vectorsOf = (compiler: readonly string[], file: string): number => {
      const [command, ...more] = compiler;
      const args = [...more, ...flags, '-Wall', '-Wextra', '-pedantic', '-Werror', '-I.', '-S', file, '-o', '-'];
      const assembly = execFileSync(command, args, { cwd: out, encoding: 'utf8' });
      return [...assembly.matchAll(/^\s+v\w+\.f32(\.\w+)?\s+q/gm)].length;
    };
    const clang = ['clang-16', '--target=thumbv8.1m.main-none-eabihf'];
    assert.ok(vectorsOf(clang, 'vectors.c') > 0, 'clang makes vectors where it may');
    assert.equal(vectorsOf(clang, `${name}.c`), 0);
    assert.equal(vectorsOf(['arm-none-eabi-gcc', '-mthumb'], `${name}.c`), 0);
  });
