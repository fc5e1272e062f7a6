/** What the commands share: reading a model, choosing a target, building a folder. The rim: files and processes. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Assets, loadAssets } from '../assets.js';
import type { Compiled, CompileOptions, Lowered, ModelSource } from '../compiler.js';
import { type Diagnostic, error, QccError } from '../diagnostics/diagnostic.js';
import { saidBySystem } from '../diagnostics/system.js';
import { identifier } from '../emit/c-text.js';
import type { EmitOptions } from '../emit/emit.js';
import { floatNodes } from '../ir/float-ops.js';
import { MOST_PARTS } from '../program/parts.js';
import type { MeasuredCosts } from '../target/costs.js';
import { isBareMetal } from '../target/firmware.js';
import type { Optimize } from '../target/policy.js';
import type { Target } from '../target/target.js';
import { edgesOn, type Io, integerOnlyOn } from './edges.js';
import { integerOnlyFailure, integerOnlyNote } from './integer-only.js';
import { parseMemory } from './memory.js';
import type { Tunable } from './tune.js';
import { usage } from './usage.js';

export { usage };

/** Options every command that compiles a model takes. */
export interface ModelOptions {
  readonly target: string | undefined;
  readonly dim: readonly string[];
  readonly rounding: 'onnx' | 'fixed' | 'tflite' | undefined;
  readonly name: string | undefined;
  readonly optimize?: Optimize | undefined;
  readonly memory?: string | undefined;
  readonly ioInArena?: boolean | undefined;
  /** Parts the model can be run in at the same time. */
  readonly threads?: number | undefined;
  readonly io?: Io | undefined;
  /** Undefined: what the target asks for. */
  readonly integerOnly?: boolean | undefined;
}

export interface Output {
  /** Result table or JSON: stdout. */
  out(text: string): void;
  /** Diagnostics and progress: stderr. */
  say(text: string): void;
  readonly color: boolean;
}

export const terminal: Output = {
  out: (text) => {
    process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  },
  say: (text) => {
    process.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
  },
  color: process.stderr.isTTY === true && process.env.NO_COLOR === undefined,
};

/** yargs makes NaN of what is no number. */
export function wholeNumber(option: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw usage(`${option} needs a whole number, 0 or more`);
}

/** `--dim NAME=N`, any number of times. */
export function parseDims(list: readonly string[]): Map<string, number> {
  const dims = new Map<string, number>();
  for (const item of list) {
    const at = item.lastIndexOf('=');
    const value = Number(item.slice(at + 1));
    if (at <= 0 || !/^[0-9]+$/.test(item.slice(at + 1)) || !Number.isSafeInteger(value) || value < 1)
      throw usage(`--dim ${item}: expected NAME=N with N at least 1`, 'for example --dim batch=1');
    dims.set(item.slice(0, at), value);
  }
  return dims;
}

/** Reads a model file; a folder or a missing file is an error that says so. */
export async function readModel(path: string): Promise<ModelSource> {
  if (!existsSync(path)) throw new QccError([error('Q0604', `${path} does not exist`)], 1);
  if (statSync(path).isDirectory()) {
    const { sniffFolder } = await import('../onnx/sniff.js');
    const found = sniffFolder(readdirSync(path));
    const help = found?.help ?? 'give the .onnx file itself';
    throw new QccError([error('Q0604', `${path} is ${found?.what ?? 'a folder'}`, undefined, help)]);
  }
  const { externalReader } = await import('../onnx/external.js');
  let model: Uint8Array;
  try {
    model = readFileSync(path);
  } catch (cause) {
    throw new QccError([error('Q0604', `${path} cannot be read: ${saidBySystem(cause)}`)]);
  }
  return { model, fileName: basename(path), externalData: externalReader(path) };
}

export async function chooseTarget(name: string | undefined): Promise<Target> {
  const { findTarget, hostDefault, loadTargets } = await import('../target/load.js');
  const set = loadTargets();
  return name === undefined ? hostDefault(set) : findTarget(set, name);
}

export function compileOptions(options: ModelOptions): CompileOptions {
  if (options.name !== undefined && !/^[A-Za-z][A-Za-z0-9_]*$/.test(options.name))
    throw usage(`--name ${options.name}: expected a C name`, 'a letter, then letters, digits and underscores');
  const named = options.name === undefined ? undefined : identifier(options.name, 'model');
  if (named !== options.name)
    throw usage(
      `--name ${options.name}: qcc would have to call it ${named}`,
      'no word of C or C++, at most 48 characters, no two underscores in a row and none at the end',
    );
  return {
    dims: parseDims(options.dim),
    // `fixed` and `onnx` are one rule, whatever a target computes it with (decision 0031).
    ...(options.rounding === undefined ? {} : { rounding: options.rounding === 'fixed' ? 'onnx' : options.rounding }),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.optimize === undefined ? {} : { optimize: options.optimize }),
    ...(options.memory === undefined ? {} : { memory: parseMemory(options.memory) }),
    ...(options.ioInArena === true ? { ioInArena: true } : {}),
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  };
}

/** `--threads N`, for a target and options that have threads. */
export function checkThreads(
  { threads = 1, memory, ioInArena, optimize }: ModelOptions,
  target: Target,
  emit?: EmitOptions,
): void {
  if (!Number.isSafeInteger(threads) || threads < 1 || threads > MOST_PARTS)
    throw usage(`--threads needs a number from 1 to ${MOST_PARTS}`);
  if (threads === 1) return;
  const refused = (message: string, help: string) => new QccError([error('Q0651', message, undefined, help)], 2);
  if (isBareMetal(target))
    throw refused(`target "${target.name}" has no operating system that could start threads`, 'leave --threads out');
  const single =
    memory !== undefined ? '--memory' : ioInArena ? '--io-in-arena' : optimize === 'ram' ? '--optimize ram' : undefined;
  if (single !== undefined) throw refused(`${single} plans memory for one thread`, 'leave one of the two out');
  if (emit?.trace === true || emit?.profile === true)
    throw refused(`--${emit.trace === true ? 'trace' : 'profile'} looks at one thread`, 'leave one of the two out');
}

export interface Session {
  readonly source: ModelSource;
  readonly target: Target;
  readonly assets: Assets;
  readonly compiled: Compiled;
}

export interface CompiledFile extends Session {
  /** What it was compiled with. */
  readonly options: CompileOptions;
}

/** What happens between import and kernel choice, at the rim. */
export interface Compilation extends CompileOptions, Pick<ModelSource, 'ranges' | 'calibratedOn'> {
  /** Measures kernels on the model's layers. */
  readonly tuner?: ((what: Tunable) => Promise<MeasuredCosts>) | undefined;
  /** The program takes and gives what the model does, whatever the target asks for. */
  readonly asModel?: boolean | undefined;
  /** Float operations where the target, or the user, wants none: a program is refused, a measurement says so. */
  readonly floats?: 'refused' | 'told' | undefined;
}

/** Model file -> compiled model, with its diagnostics shown on stderr. */
export async function compileFile(
  path: string,
  options: ModelOptions,
  extra: Compilation = {},
  output: Output = terminal,
): Promise<CompiledFile> {
  const { ranges, calibratedOn, tuner, asModel, floats, ...given } = extra;
  const chosen = compileOptions(options);
  const [file, target] = await Promise.all([readModel(path), chooseTarget(options.target)]);
  checkThreads(options, target, given.emit);
  const source =
    ranges === undefined ? file : { ...file, ranges, ...(calibratedOn === undefined ? {} : { calibratedOn }) };
  const { compileLowered, lowerModel } = await import('../compiler.js');
  const assets = loadAssets();
  try {
    const edges = given.edges ?? (asModel === true ? undefined : edgesOn(target, options.io));
    const all = { ...chosen, ...given, ...(edges === undefined ? {} : { edges }) };
    const lowered = lowerModel(source, all);
    const told = floatsTold(lowered, target, options, floats);
    const costs = await tuner?.({ source, lowered, target, assets, options: all });
    const settled = costs === undefined ? all : { ...all, costs };
    const compiled = compileLowered(source, lowered, target, assets, settled);
    await show([...compiled.diagnostics, ...told], path, output);
    return { source, target, assets, compiled, options: settled };
  } catch (failure) {
    if (failure instanceof QccError) throw new QccError(failure.diagnostics, failure.exitCode, path);
    throw failure;
  }
}

/** Throws `QccError` with exit code 3 where floats are refused. */
function floatsTold(
  { graph }: Lowered,
  target: Target,
  { integerOnly }: ModelOptions,
  floats: Compilation['floats'],
): readonly Diagnostic[] {
  const left = floats === undefined || !integerOnlyOn(target, integerOnly) ? [] : floatNodes(graph);
  if (left.length === 0) return [];
  const by = integerOnly === true ? '--integer-only' : target.name;
  if (floats === 'refused') throw integerOnlyFailure(left, graph, by);
  return [integerOnlyNote(left, by)];
}

export async function show(
  diagnostics: readonly Diagnostic[],
  file: string | undefined,
  output: Output,
): Promise<void> {
  if (diagnostics.length === 0) return;
  const { renderText } = await import('../diagnostics/render.js');
  output.say(renderText(diagnostics, { ...(file === undefined ? {} : { file }), color: output.color }));
}

/** `qcc-out/<model>` unless the user names a folder. */
export function outputFolder(given: string | undefined, model: string): string {
  return given ?? join('qcc-out', model);
}
