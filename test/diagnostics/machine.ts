/** Q04xx to Q06xx: targets, compilers, emulators, the command line, data. The compilers and emulators here are scripts. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAssets } from '../../src/assets.js';
import { checkProducts, parseEmit } from '../../src/cli/build.js';
import { opt } from '../../src/cli/opt.js';
import { checkPackageTarget } from '../../src/cli/package-options.js';
import { runCommand } from '../../src/cli/run.js';
import { readSamples } from '../../src/cli/samples.js';
import { checkThreads, parseDims, readModel } from '../../src/cli/session.js';
import { compile } from '../../src/compiler.js';
import { writeTree } from '../../src/files.js';
import { param } from '../../src/ir/build.js';
import { floatType, quantType, unitAffine } from '../../src/ir/type.js';
import { npyTensor, readNpy, tensorNpy } from '../../src/npy.js';
import type { Host } from '../../src/target/host.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { compileProgram } from '../../src/toolchain/compile.js';
import { findCompiler, findEmulator } from '../../src/toolchain/detect.js';
import { runProgram } from '../../src/toolchain/run.js';
import { model, node, value } from '../onnx/model-builder.js';
import { convModel } from '../onnx/tiny-models.js';
import { type Cases, ofCall, ofModel } from './cases.js';

/** Whatever lies here; in the expected texts it is called DIR. */
export const folder = mkdtempSync(join(tmpdir(), 'qcc-diagnostics-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

function script(name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

function written(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const pc: Host = { arch: 'x64', platform: 'linux', features: new Set(['sse2', 'avx2', 'fma']) };
const targets = loadTargets(undefined, pc);
const target = (name: string) => findTarget(targets, name);
const plain = { target: undefined, dim: [], rounding: undefined, name: undefined };
const nothing = { PATH: join(folder, 'empty') };

/** A compiler that says what gcc says of itself, and `body` where it is to compile. */
const gcc = (name: string, machine: string, body: string) =>
  script(
    name,
    `case "$*" in *--version*) echo "gcc 12";; *-dumpmachine*) echo ${machine};; *-print-prog-name*) echo ${name}-ar;; *) ${body};; esac`,
  );
const works = 'for a; do last=$a; done; : > "$last"';

/** Compiles one file with a compiler of ours. */
function compiled(cc: string, more: Partial<Parameters<typeof compileProgram>[0]> = {}) {
  const dir = join(folder, 'build');
  mkdirSync(dir, { recursive: true });
  return compileProgram({
    dir,
    name: 'm',
    sources: [{ path: 'm.c', part: 'library', usesIsa: false }],
    target: target('scalar'),
    compiler: { command: [cc], family: 'gcc', version: 'gcc 12', cross: false },
    outputs: ['shared'],
    env: {},
    ...more,
  });
}

function npyOf(shape: readonly number[]): Uint8Array {
  const type = floatType(shape);
  return tensorNpy({ type, data: new Float32Array(shape.reduce((p, d) => p * d, 1)) });
}

export const machine: Cases = {
  Q0401: [ofCall('a target that does not exist', () => findTarget(targets, 'arm-neom'))],
  Q0402: [
    ofCall('a target file with a wrong field', () => {
      const root = join(folder, 'runtime');
      mkdirSync(join(root, 'isa/scalar'), { recursive: true });
      mkdirSync(join(root, 'target'), { recursive: true });
      writeFileSync(join(root, 'isa/scalar/isa.json'), '{"name":"scalar","doc":"d","cFlags":[],\n"guard":1}');
      writeFileSync(
        join(root, 'target/scalar.json'),
        '{"name":"scalar","doc":"d","isas":["scalar"],"objectFormat":"elf"}',
      );
      return loadTargets(root, pc);
    }),
  ],
  Q0410: [
    ofCall('64-bit floats', () => {
      const x = value('x', 'f64', [2]);
      const bytes = model({
        inputs: [x],
        outputs: ['y'],
        nodes: [node('ArgMax', ['x'], ['y'])],
      });
      return compile({ model: bytes, fileName: 'm.onnx' }, target('scalar'), loadAssets());
    }),
    ofCall('a target without kernels', () =>
      compile({ model: convModel(), fileName: 'm.onnx' }, target('scalar'), { ...loadAssets(), kernels: new Map() }),
    ),
  ],
  Q0501: [
    ofCall('no compiler at all', () => findCompiler(target('scalar'), { env: nothing, host: pc })),
    ofCall('no cross compiler', () => findCompiler(target('arm-neon'), { env: nothing, host: pc })),
    ofCall('--cc that does not exist', () =>
      findCompiler(target('scalar'), { cc: 'no-such-cc -m64', env: nothing, host: pc }),
    ),
    ofCall('CC with an open quote', () =>
      findCompiler(target('scalar'), { env: { ...nothing, CC: "gcc '-DX" }, host: pc }),
    ),
    ofCall('on Windows', () => findCompiler(target('arm-neon'), { env: nothing, host: { ...pc, platform: 'win32' } })),
  ],
  Q0502: [
    ofCall('a PC compiler for ARM', () =>
      findCompiler(target('arm-neon'), { cc: gcc('pc-gcc', 'x86_64-linux-gnu', works), env: {}, host: pc }),
    ),
  ],
  Q0503: [
    ofCall('an error in the C', () =>
      compiled(gcc('bad-gcc', 'x86_64-linux-gnu', 'echo "m.c:1:1: error: expected ;" >&2; exit 1')),
    ),
    ofCall('-ffast-math', () =>
      compiled(
        gcc('fast-gcc', 'x86_64-linux-gnu', 'echo "base.h:9:2: error: #error -ffast-math changes answers" >&2; exit 1'),
      ),
    ),
    ofCall('with flags of the user', () =>
      compiled(gcc('flag-gcc', 'x86_64-linux-gnu', 'echo "unrecognized option" >&2; exit 1'), {
        env: { CFLAGS: '-frob' },
      }),
    ),
  ],
  Q0504: [
    ofCall('the linker fails', () =>
      compiled(
        gcc(
          'ld-gcc',
          'x86_64-linux-gnu',
          `case "$*" in *-shared*) echo "ld: cannot find -lc" >&2; exit 1;; esac; ${works}`,
        ),
      ),
    ),
  ],
  Q0505: [
    ofCall('a compiler that hangs', () =>
      compiled(gcc('slow-gcc', 'x86_64-linux-gnu', 'sleep 60'), { timeoutMs: 200 }),
    ),
    ofCall('a program that hangs', () =>
      runProgram(script('hangs', 'sleep 60'), [], target('scalar'), { env: {}, host: pc }, { timeoutMs: 200 }),
    ),
  ],
  Q0506: [
    ofCall('the emulator is not installed', () => findEmulator(target('arm-neon'), { env: nothing, host: pc })),
    ofCall('there is none for the target', () =>
      findEmulator(target('x86-avx2'), { env: nothing, host: { ...pc, arch: 'arm64', features: new Set() } }),
    ),
  ],
  Q0507: [
    ofCall('an instruction the CPU lacks', () =>
      runProgram(script('ill', 'kill -ILL $$'), [], target('x86-avx2'), { env: {}, host: pc }),
    ),
    ofCall('memory outside its buffers', () =>
      runProgram(script('segv', 'kill -SEGV $$'), [], target('scalar'), { env: {}, host: pc }),
    ),
  ],
  Q0601: [
    ofCall('text', () => readNpy(Buffer.from('1, 2, 3\n'), 'x.npy')),
    ofCall('empty', () => readNpy(new Uint8Array(0), 'x.npy')),
    ofCall('cut off', () => readNpy(npyOf([2, 3]).subarray(0, 140), 'x.npy')),
  ],
  Q0602: [
    ofCall('another shape', () => npyTensor(readNpy(npyOf([2, 3]), 'x.npy'), floatType([3, 2]), 'x.npy', 'x')),
    ofCall('another element type', () =>
      npyTensor(readNpy(npyOf([2, 3]), 'x.npy'), quantType('u8', [2, 3], unitAffine), 'x.npy', 'x'),
    ),
  ],
  Q0603: [
    ofCall('a folder of somebody', () => {
      mkdirSync(join(folder, 'thesis'));
      writeFileSync(join(folder, 'thesis/thesis.tex'), 'years of work');
      return writeTree(join(folder, 'thesis'), new Map([['m.c', '']]));
    }),
    ofCall('running a folder that is no build', () =>
      runCommand({
        model: folder,
        input: [],
        output: [],
        cc: undefined,
        json: false,
        target: undefined,
        dim: [],
        rounding: undefined,
        name: undefined,
      }),
    ),
  ],
  Q0604: [
    ofCall('no such model', () => readModel(join(folder, 'no.onnx'))),
    ofCall('a folder as a model', () => {
      mkdirSync(join(folder, 'saved'));
      writeFileSync(join(folder, 'saved/saved_model.pb'), '');
      return readModel(join(folder, 'saved'));
    }),
    ofCall('a file where the build folder should be', () => writeTree(written('taken', ''), new Map([['m.c', '']]))),
  ],
  Q0422: [
    ofCall('an ESP-IDF component for a Cortex-M4', () => checkPackageTarget('esp-idf', target('cortex-m4'))),
    ofCall('a CMSIS-Pack for RISC-V', () => checkPackageTarget('cmsis-pack', target('riscv32'))),
    ofCall('an Arduino library for a PC', () => checkPackageTarget('arduino', target('x86-avx2'))),
  ],
  Q0520: [ofCall('a shared library of firmware', () => checkProducts(target('cortex-m4'), ['lib', 'shared']))],
  Q0605: [
    ofCall('a size that is none', () => parseDims(['batch=abc'])),
    ofCall('a product that does not exist', () => parseEmit('c,rust')),
  ],
  Q0606: [
    ofCall('an undefined value', () =>
      opt(written('u.qir', 'graph "g" (%in0 "x": f32[1]) {\n  return %in1 as "y"\n}\n'), [], false),
    ),
    ofCall('a dump without its constants', () =>
      opt(written('e.qir', 'graph "g" () {\n  const @c0 : f32[100] = elided 0123456789abcdef\n}\n'), [], false),
    ),
  ],
  Q0607: [
    ofCall('inputs of different lengths', () => {
      const data = join(folder, 'data');
      mkdirSync(data);
      writeFileSync(join(data, 'a.npy'), npyOf([3, 2]));
      writeFileSync(join(data, 'b.npy'), npyOf([2, 2]));
      return readSamples(data, [param('a', floatType([2])), param('b', floatType([2]))]);
    }),
    ofCall('one file for two inputs', () =>
      readSamples(written('one.npy', npyOf([2])), [param('a', floatType([2])), param('b', floatType([2]))]),
    ),
  ],
  Q0650: [ofModel('one small convolution', convModel(), { threads: 2 })],
  Q0651: [
    ofCall('firmware', () => checkThreads({ ...plain, threads: 2 }, target('cortex-m4'))),
    ofCall('the least memory', () => checkThreads({ ...plain, threads: 2, optimize: 'ram' }, target('x86-avx2'))),
  ],
};
