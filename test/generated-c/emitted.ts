/** Models as C in a temporary folder, and the compilers a user may have: with flags of theirs, not ours. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAssets } from '../../src/assets.js';
import { type Compiled, type CompileOptions, compile } from '../../src/compiler.js';
import { modelIdentifier } from '../../src/emit/view.js';
import { writeTree } from '../../src/files.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { seededTensor } from '../../src/ir/parse.js';
import type { Tensor } from '../../src/ir/type.js';
import { tensorNpy } from '../../src/npy.js';
import { isaCFlags } from '../../src/target/flags.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { convModel, denseModel, floatModel } from '../onnx/tiny-models.js';

export const work = mkdtempSync(join(tmpdir(), 'qcc-generated-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

const assets = loadAssets();
const targets = loadTargets();

/** File name and bytes of the models: each kind of program, and a real one. */
export const models: Readonly<Record<string, Uint8Array>> = {
  'conv.onnx': convModel(),
  'dense.onnx': denseModel(),
  'float.onnx': floatModel(),
  'fashion.onnx': readFileSync(new URL('../../examples/fashion-classifier/fashion.onnx', import.meta.url)),
};

export interface Emitted {
  readonly dir: string;
  /** C name. */
  readonly name: string;
  readonly compiled: Compiled;
  /** C files of the library, below `dir`. */
  readonly library: readonly string[];
  /** Flags of the target's instruction sets, and nothing else. */
  readonly isaFlags: readonly string[];
}

interface EmitMore {
  readonly bytes?: Uint8Array;
  readonly singleFile?: boolean;
  readonly selftest?: boolean;
  readonly meaning?: Pick<CompileOptions, 'memory' | 'optimize' | 'ioInArena'>;
}

let count = 0;

/** Writes a model as C. */
export function emit(file: string, target: string, more: EmitMore = {}): Emitted {
  const bytes = more.bytes ?? models[file];
  const found = findTarget(targets, target);
  const { singleFile = false, selftest = false, meaning = {} } = more;
  const options = { ...meaning, emit: { singleFile, selftest, allowIncbin: true } };
  const compiled = compile({ model: bytes, fileName: file }, found, assets, options);
  const dir = join(work, String(count++));
  writeTree(dir, compiled.emitted.files);
  return {
    dir,
    name: modelIdentifier(compiled.program.name),
    compiled,
    library: compiled.emitted.librarySources,
    isaFlags: isaCFlags(found),
  };
}

/** The warnings that the C has none of. */
export const strict = ['-Wall', '-Wextra', '-Wconversion', '-Wshadow', '-Wvla', '-pedantic', '-Werror'];

/** What a command says on both its outputs, and how it ends. */
export function run(command: readonly string[], cwd: string): { readonly code: number | null; readonly said: string } {
  const [program, ...args] = command;
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 120_000 });
  return { code: status, said: `${stdout}${stderr}` };
}

/** Runs a command that must succeed and say nothing. */
export function quiet(command: readonly string[], cwd: string): void {
  const { code, said } = run(command, cwd);
  if (code !== 0 || said !== '') throw new Error(`${command.join(' ')}\n${said}(exit code ${code})`);
}

/** Makes the program of a model with these compiler words. File by file: those that models share are compiled once a run (run-tests.ts). */
export function program(model: Emitted, compiler: readonly string[], exe = 'program'): string {
  const words = [...compiler, ...model.isaFlags];
  const sources = [...model.library, ...model.compiled.emitted.hostSources];
  const objects = sources.map((source) => `${source}.o`);
  for (const [i, source] of sources.entries()) quiet([...words, '-I.', '-c', source, '-o', objects[i]], model.dir);
  quiet([...words, ...objects, '-o', exe], model.dir);
  return join(model.dir, exe);
}

/** Seeded inputs, and what the interpreter makes of them: of the graph after the passes, which compiled C equals exactly. */
export function expected(model: Emitted): { readonly inputs: readonly Tensor[]; readonly outputs: readonly Tensor[] } {
  const { graph } = model.compiled;
  const inputs = graph.inputs.map((input, i) => seededTensor(input.type, i + 1));
  const values = evaluateGraph(graph, new Map(graph.inputs.map((input, i) => [input.name, inputs[i]])));
  return { inputs, outputs: [...values.values()] };
}

/** Runs a program on the inputs; bytes of the .npy files it writes. */
export function answers(model: Emitted, exe: readonly string[], inputs: readonly Tensor[]): Buffer[] {
  const folder = join(model.dir, 'io');
  mkdirSync(folder, { recursive: true });
  const args: string[] = [];
  for (const [i, input] of inputs.entries()) {
    writeFileSync(join(folder, `in${i}.npy`), tensorNpy(input));
    args.push('--input', `io/in${i}.npy`);
  }
  const outputs = model.compiled.program.outputs.map((_, i) => `io/out${i}.npy`);
  for (const output of outputs) args.push('--output', output);
  quiet([...exe, ...args], model.dir);
  return outputs.map((output) => readFileSync(join(model.dir, output)));
}
