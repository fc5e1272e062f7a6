// needs: c-compiler emulator
/**
 * Parts of a run by threads: the bytes of the plain program for one thread on the scalar target, for any number of parts, by
 * the caller's own threads and by the pool, in an arena that holds anything. One build with ThreadSanitizer.
 */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { compileFile, type Session } from '../../src/cli/session.js';
import { usesIsa } from '../../src/emit/sources.js';
import { writeTree } from '../../src/files.js';
import { constant, make, makeNode, param } from '../../src/ir/build.js';
import { noOrigin } from '../../src/ir/graph.js';
import { printGraph } from '../../src/ir/print.js';
import { floatType, indexType, quantType } from '../../src/ir/type.js';
import { spreadFloats, spreadIntegers } from '../../src/ops/recurrent-samples.js';
import { partsFault } from '../../src/program/parts.js';
import { perAxis } from '../../src/quant/affine.js';
import { currentHost } from '../../src/target/host.js';
import { compileProgram } from '../../src/toolchain/compile.js';
import { findCompiler } from '../../src/toolchain/detect.js';
import { runProgram } from '../../src/toolchain/run.js';
import { root, shared } from '../cli/command.js';
import { needsCpu } from '../native-targets.js';

const folder = mkdtempSync(join(tmpdir(), 'qcc-threads-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const environment = { env: process.env, host: currentHost() };
const silent = { out: () => {}, say: () => {}, color: false };
const strict = ['-Wall', '-Wextra', '-Wconversion', '-Wshadow', '-Wvla', '-pedantic', '-Werror'];

async function session(model: string, target: string, threads: number): Promise<Session> {
  const path = join(shared, 'models/peers', `${model}.onnx`);
  return compileFile(path, { target, threads, dim: [], rounding: undefined, name: 'm' }, {}, silent);
}

/** What `parts.c` prints for a build: digests of the outputs. */
async function digests(built: Session, numbers: readonly number[], cFlags: readonly string[]): Promise<string> {
  const dir = mkdtempSync(join(folder, 'm-'));
  writeTree(dir, built.compiled.emitted.files);
  copyFileSync(`${root}test/threads/parts.c`, join(dir, 'host/parts.c'));
  const { target } = built;
  const { files } = await compileProgram({
    dir,
    name: 'parts',
    sources: [
      ...built.compiled.emitted.librarySources.map((path) => ({
        path,
        part: 'library' as const,
        usesIsa: usesIsa(path, built.compiled.emitted.librarySources),
      })),
      ...['host/parts.c', 'host/tensor.c'].map((path) => ({ path, part: 'host' as const, usesIsa: false })),
    ],
    target,
    compiler: await findCompiler(target, { cc: undefined, ...environment }),
    outputs: ['exe'],
    env: process.env,
    cFlags: ['-O1', '-DMODEL=m', '-DRUNS=3', ...strict, ...cFlags],
  });
  const ended = await runProgram(files.get('exe') ?? '', numbers.map(String), target, environment);
  assert.equal(ended.exitCode, 0, ended.stdout + ended.stderr);
  return ended.stdout;
}

const full = process.env.QCC_FULL !== undefined;
/** Targets, the largest number of parts; `full`: in `npm run test:full` alone. */
const models = [
  ['dscnn_kws.qdq_u8', ['x86-avx2', 'x86-avx512vnni', 'arm-neon'], false],
  ['mlp.qdq_u8', ['x86-avx2', 'x86-avx512vnni', 'arm-neon'], false],
  ['lstm.dyn', ['x86-avx2', 'x86-avx512vnni'], false],
  ['bert_mini.qdq_u8', ['x86-avx512vnni'], true],
  ['bert_mini.dyn', ['x86-avx2', 'arm-neon'], true],
  ['mobilenetv2.qdq_s8', ['x86-avx2', 'x86-avx512vnni', 'arm-neon'], true],
  ['resnet18.qdq_u8', ['x86-avx2', 'x86-avx512vnni'], true],
] as const;

for (const [model, targets, isLong] of models) {
  if (isLong && !full) continue;
  let plain: Promise<string> | undefined;
  for (const target of targets)
    test(`${model} in 1, 2, 3, 4 and 7 parts on ${target}`, needsCpu(target), async () => {
      plain ??= session(model, 'scalar', 1).then((built) => digests(built, [], []));
      const built = await session(model, target, 7);
      const { parts, arenaBytes } = built.compiled.program;
      assert.equal(parts?.most, 7);
      assert.match(String(built.compiled.emitted.files.get('m.h')), new RegExp(`ARENA_BYTES ${arenaBytes}\n`));
      assert.equal(await digests(built, [1, 2, 3, 4, 7], []), await plain);
    });
}

/** Words of a table, an image made larger in two ways, and images with borders: of a batch, and one alone. */
function picked(): string {
  const weights = (count: number) =>
    constant('w', { type: floatType([count, 2]), data: new Float32Array(2 * count).fill(0.5) });
  const places = (from: number, to: number) =>
    constant('i', {
      type: indexType('s32', [to, 2]),
      data: Int32Array.from({ length: 2 * to }, (_, i) => Math.min(from - 1, (((i >> 1) * from) / to + (i & 1)) | 0)),
    });
  const table = constant('t', {
    type: floatType([90, 96]),
    data: Float32Array.from({ length: 8640 }, (_, i) => (i % 97) / 7),
  });
  const [index, image, batch] = [
    param('index', indexType('s64', [250])),
    param('image', floatType([1, 21, 30, 16])),
    param('batch', floatType([10, 19, 17, 8])),
  ];
  const words = make('gather', { axis: 0 }, [table, index], floatType([250, 96]), noOrigin);
  const columns = make(
    'gather',
    { axis: 2 },
    [
      batch,
      constant('c', { type: indexType('s64', [9]), data: BigInt64Array.from([3n, 1n, 16n, 0n, 2n, 5n, 5n, 9n, 4n]) }),
    ],
    floatType([10, 19, 9, 8]),
    noOrigin,
  );
  const operands = [image, places(21, 45), weights(45), places(30, 64), weights(64)];
  const larger = make('resize-linear', { outside: 0 }, operands, floatType([1, 45, 64, 16]), noOrigin);
  const border = { before: [0, 1, 2, 0], after: [0, 2, 1, 0], value: 0.5 };
  const framed = make('pad', border, [batch], floatType([10, 22, 20, 8]), noOrigin);
  const high = { before: [0, 9, 2, 0], after: [0, 7, 1, 0], value: -1.5 };
  const single = make('pad', high, [image], floatType([1, 37, 33, 16]), noOrigin);
  const taps = constant('k', {
    type: floatType([8, 3, 3, 16]),
    data: Float32Array.from({ length: 1152 }, (_, i) => ((i * 7) % 13) / 8 - 0.75),
  });
  // Dilated: what is not becomes convolutions.
  const upwards = {
    strides: [2, 2],
    dilations: [2, 2],
    pads: [2, 2],
    size: [42, 60],
    groups: 1,
    rounding: 'onnx',
  } as const;
  const raised = make('conv2d-transpose', upwards, [image, taps], floatType([1, 42, 60, 8]), noOrigin);
  const outputs = [words, columns, larger, framed, single, raised].map((value, i) => ({ name: `y${i}`, value }));
  return printGraph({ name: 'picked', inputs: [index, image, batch], outputs });
}

test('gathered rows, interpolated rows and framed images in parts', async () => {
  const path = join(folder, 'picked.qir');
  writeFileSync(path, picked());
  const of = (target: string, threads: number) =>
    compileFile(path, { target, threads, dim: [], rounding: undefined, name: 'm' }, {}, silent);
  const built = await of('scalar', 7);
  const { splits } = built.compiled.program.parts ?? assert.fail('one part');
  assert.deepEqual([...splits.keys()].map((s) => s.kernel.family).sort(), [
    'conv2d_transpose_f32',
    'gather',
    'gather',
    'pad',
    'pad',
    'resize_linear_f32',
  ]);
  assert.equal(await digests(built, [1, 2, 3, 4, 7], []), await digests(await of('scalar', 1), [], []));
});

/** Cells whose parts meet between two steps of time, of floats and of integers, forwards and backwards; and one that has no parts. */
function cells(): string {
  const [hidden, seq] = [112, 9];
  const state = param('state', floatType([1, hidden]));
  const inputs = [state];
  const gatesOf = (name: string, count: number) => {
    inputs.push(param(name, floatType([seq, 1, count * hidden])));
    return inputs[inputs.length - 1];
  };
  const weights = (count: number, isStored: boolean) => {
    const shape = [count * hidden, 1, 1, hidden];
    const scales = Float32Array.from({ length: count * hidden }, (_, o) => 0.001 + 0.0001 * (o % 7));
    const axis = perAxis(0, scales, new Int32Array(count * hidden));
    return constant('r', isStored ? spreadIntegers(quantType('s8', shape, axis)) : spreadFloats(shape));
  };
  const results = [floatType([seq, 1, hidden]), state.type];
  const gru = (name: string, isStored: boolean, bias: boolean) => {
    const operands = [gatesOf(name, 3), weights(2, isStored), weights(1, isStored), state];
    const all = bias ? [...operands, constant('b', spreadFloats([hidden]))] : operands;
    return makeNode('gru', { reverse: isStored }, all, results, noOrigin).results;
  };
  const lstm = (name: string, isStored: boolean) => {
    const operands = [gatesOf(name, 4), weights(4, isStored), state, state, constant('p', spreadFloats([3 * hidden]))];
    return makeNode('lstm', { reverse: isStored }, operands, [...results, state.type], noOrigin).results;
  };
  const rnn = (name: string) => {
    const operands = [gatesOf(name, 1), weights(1, false), state];
    return makeNode('rnn', { reverse: true, fn: 'tanh' }, operands, results, noOrigin).results;
  };
  const made = [
    rnn('f'),
    gru('a', false, true),
    gru('b', true, true),
    gru('c', true, false),
    lstm('d', false),
    lstm('e', true),
  ];
  const outputs = made.flat().map((value, i) => ({ name: `y${i}`, value }));
  return printGraph({ name: 'cells', inputs, outputs });
}

for (const target of ['scalar', 'x86-avx512vnni'])
  test(`recurrent cells in parts on ${target}`, needsCpu(target), async () => {
    const path = join(folder, 'cells.qir');
    writeFileSync(path, cells());
    const of = (name: string, threads: number) =>
      compileFile(path, { target: name, threads, dim: [], rounding: undefined, name: 'm' }, {}, silent);
    const built = await of(target, 7);
    const { splits } = built.compiled.program.parts ?? assert.fail('one part');
    const met = [...splits].flatMap(([step, { meetings }]) => (meetings === 8 ? [step.kernel.family] : []));
    assert.deepEqual(met.sort(), ['gru_f32', 'gru_q8', 'lstm_f32', 'lstm_q8', 'rnn_f32']);
    assert.equal(partsFault(built.compiled.program), undefined);
    assert.equal(await digests(built, [1, 2, 3, 4, 7], []), await digests(await of('scalar', 1), [], []));
  });

test('ThreadSanitizer finds nothing', async () => {
  const built = await session('dscnn_kws.qdq_u8', 'x86-avx2', 4);
  await digests(built, [2, 4], ['-fsanitize=thread']);
});

test('without --threads nothing of it is in the library', async () => {
  const { emitted, program } = (await session('dscnn_kws.qdq_u8', 'scalar', 1)).compiled;
  assert.equal(program.parts, undefined);
  const library = [...emitted.files].filter(([path]) => !path.startsWith('host/')).map(([, text]) => String(text));
  assert.ok(library.every((text) => !/_run_part\(|_threads|<stdatomic|qcc_parts/.test(text)));
});
