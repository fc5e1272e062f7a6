/** `qcc run`: builds a model if needed and runs it, natively or in the target's emulator. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { error, note, QccError } from '../diagnostics/diagnostic.js';
import { isBareMetal } from '../target/firmware.js';
import { currentHost, runsNatively } from '../target/host.js';
import type { Target } from '../target/target.js';
import { temporaryFolder } from '../toolchain/process.js';
import { runProgram } from '../toolchain/run.js';
import { executableOf, writeBuild } from './build-folder.js';
import { checkBuilt, manifestObject } from './built.js';
import { chooseTarget, compileFile, type ModelOptions, show, terminal } from './session.js';
import { countProfile, instructionProfile, type ListedLoop, type ListedStep, profileTable } from './target-profile.js';

export interface RunOptions extends ModelOptions {
  readonly model: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly cc: string | undefined;
  readonly json: boolean;
}

export async function runCommand(options: RunOptions): Promise<number> {
  const args = [
    ...options.input.flatMap((i) => ['--input', i]),
    ...options.output.flatMap((o) => ['--output', o]),
    ...(options.json ? ['--json'] : []),
    ...(options.threads === undefined ? [] : ['--threads', String(options.threads)]),
  ];
  if (existsSync(options.model) && statSync(options.model).isDirectory()) {
    await checkBuilt(options.model, options);
    const folder = await builtFolder(options.model);
    if (folder.profile !== undefined) return profiled(folder, folder.profile, args, options.json);
    return start(folder.exe, args, folder.target);
  }
  // Running a model means its own inputs and outputs, on every target.
  const session = await compileFile(options.model, options, { asModel: true, floats: 'told' });
  const { folder, remove } = temporaryFolder('qcc-run-');
  try {
    const built = await writeBuild(session, folder, ['exe'], options.cc);
    return await start(executableOf(built), args, session.target);
  } finally {
    remove();
  }
}

interface BuiltFolder {
  readonly exe: string;
  readonly target: Target;
  /** Of a build with `--profile`. */
  readonly profile: { readonly steps: readonly ListedStep[]; readonly loops: readonly ListedLoop[] } | undefined;
}

/** The executable of a build folder, and what it was built for. */
async function builtFolder(dir: string): Promise<BuiltFolder> {
  const manifest = manifestObject(dir);
  const isOurs = 'target' in manifest && 'name' in manifest;
  if (!isOurs || typeof manifest.target !== 'string' || typeof manifest.name !== 'string')
    throw new QccError([
      error('Q0603', `${dir} holds no manifest.json of qcc`, undefined, 'make one: qcc build model.onnx -o DIR'),
    ]);
  const exe = join(dir, manifest.name);
  if (!existsSync(exe))
    throw new QccError([error('Q0604', `${exe} does not exist`, undefined, 'build it: qcc build with --emit exe')]);
  const isProfiled = 'profile' in manifest && manifest.profile === true;
  const profile = isProfiled ? { steps: listedSteps(manifest), loops: listedLoops(manifest) } : undefined;
  return { exe, target: await chooseTarget(manifest.target), profile };
}

function objectsIn(value: object, name: string): readonly object[] {
  const list: unknown = Reflect.get(value, name);
  return Array.isArray(list) ? list.filter((o: unknown): o is object => typeof o === 'object' && o !== null) : [];
}

function listedSteps(manifest: object): readonly ListedStep[] {
  return objectsIn(manifest, 'steps').map((step) => {
    const origin: unknown = Reflect.get(step, 'origin');
    return { op: String(Reflect.get(step, 'op')), origin: Array.isArray(origin) ? origin.map(String) : [] };
  });
}

function listedLoops(manifest: object): readonly ListedLoop[] {
  const of = (loop: object, name: string) => Number(Reflect.get(loop, name));
  return objectsIn(manifest, 'repeats').map((loop) => ({
    first: of(loop, 'first'),
    steps: of(loop, 'steps'),
    count: of(loop, 'count'),
  }));
}

/** A program prints its own profile where there is a counter; in an emulator instructions are counted instead. */
async function profiled(
  { exe, target }: BuiltFolder,
  { steps, loops }: NonNullable<BuiltFolder['profile']>,
  args: readonly string[],
  isJson: boolean,
): Promise<number> {
  if (runsNatively(target, currentHost())) return start(exe, args, target);
  const counted = isBareMetal(target) ? await countProfile(exe, args, target) : undefined;
  const found = counted?.ok === true ? instructionProfile(counted.marks, steps, loops) : undefined;
  if (counted?.ok !== true || found === undefined) {
    const why = counted?.ok === false ? counted.why : 'these times are of an emulator: they mean nothing';
    const help = `qcc bench MODEL --target ${target.name} counts the instructions of every step`;
    await show([note('Q0726', why, help)], undefined, terminal);
    return start(exe, args, target);
  }
  if (isJson) {
    const answer: unknown = JSON.parse(counted.stdout);
    terminal.out(JSON.stringify({ ...Object(answer), profile: { unit: 'instructions', runs: 1, ...found } }));
  } else terminal.out(`${counted.stdout.replace(/^profile {2}there is no counter.*\n/m, '')}${profileTable(found)}`);
  return 0;
}

async function start(exe: string, args: readonly string[], target: Target): Promise<number> {
  const result = await runProgram(exe, args, target, { env: process.env, host: currentHost() });
  if (result.stdout !== '') terminal.out(result.stdout);
  if (result.stderr !== '') terminal.say(result.stderr);
  return result.exitCode;
}
