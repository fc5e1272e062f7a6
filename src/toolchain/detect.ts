/**
 * Finds the C compiler and the emulator of a target. Invariant: what is missing is an error that names the package to
 * install; a compiler that makes code for another machine is found out before it is used.
 */
import { isAbsolute } from 'node:path';
import { error, QccError } from '../diagnostics/diagnostic.js';
import { isBareMetal } from '../target/firmware.js';
import { buildsNatively, type Host, runsNatively } from '../target/host.js';
import type { Target } from '../target/target.js';
import { type ProcessResult, runProcess } from './process.js';
import { joinWords, splitWords } from './words.js';

export interface Compiler {
  /** Program and arguments that come before all others. */
  readonly command: readonly string[];
  readonly family: 'gcc' | 'clang';
  /** First line of `--version`. */
  readonly version: string;
  /** It makes code that the host's own compiler would not make. */
  readonly cross: boolean;
}

export interface Environment {
  /** `--cc`. */
  readonly cc?: string | undefined;
  /** Process environment: CC, AR, CFLAGS, LDFLAGS, PATH. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly host: Host;
}

const clangNames = ['clang', ...[20, 19, 18, 17, 16, 15, 14].map((n) => `clang-${n}`)];

/**
 * Compiler for `target`: `--cc`, else `CC`, else the target's gcc, else the first clang. Throws QccError, exit code 4:
 * Q0501 if there is none, Q0502 if the one the user named makes code for another machine.
 */
export async function findCompiler(target: Target, environment: Environment): Promise<Compiler> {
  const cross = !buildsNatively(target, environment.host);
  for (const [source, text] of [
    ['--cc', environment.cc],
    ['CC', environment.env.CC],
  ] as const) {
    if (text === undefined || text.trim() === '') continue;
    return namedCompiler(source, userWords(source, text), target, cross, environment);
  }
  const candidates = candidatesFor(target, cross);
  for (const command of candidates) {
    const compiler = await probe(command, cross, environment);
    if (compiler === undefined || !(await fits(compiler, target, environment))) continue;
    if (cross && !(await hasStaticLibrary(compiler, target, environment))) continue;
    return compiler;
  }
  throw missingCompiler(target, cross, environment.host, candidates);
}

/** Words of an environment variable or option; Q0501 if a quote is not closed. */
export function userWords(source: string, text: string | undefined): readonly string[] {
  const words = splitWords(text ?? '');
  if (words === undefined) throw new QccError([error('Q0501', `${source} has a quote that is not closed: ${text}`)], 4);
  return words;
}

/**
 * The words before the executable: none where the host runs the target, else its emulator. Throws QccError Q0506,
 * exit code 4, if that is missing.
 */
export async function findEmulator(
  target: Target,
  environment: Pick<Environment, 'env' | 'host'>,
): Promise<readonly string[]> {
  if (runsNatively(target, environment.host)) return [];
  const cannot = `this ${environment.host.arch} CPU cannot run target "${target.name}"`;
  const { emulator } = target;
  if (emulator === undefined)
    throw new QccError([error('Q0506', `${cannot}, and no emulator is known for it`, undefined, copyHint)], 4);
  const answer = await ask([emulator[0], '--version'], environment);
  if (answer.end === 'exit' && answer.exitCode === 0) return emulator;
  const help = installHelp(environment.host, target.packages.get('debian')?.emulator, copyHint);
  throw new QccError(
    [error('Q0506', `${cannot}, and its emulator ${emulator[0]} is not installed`, undefined, help)],
    4,
  );
}

const copyHint = 'copy the executable to the target machine and run it there';

async function namedCompiler(
  source: string,
  command: readonly string[],
  target: Target,
  cross: boolean,
  environment: Environment,
): Promise<Compiler> {
  const compiler = await probe(command, cross, environment);
  if (compiler === undefined)
    throw new QccError([error('Q0501', `the compiler in ${source} cannot be started: ${joinWords(command)}`)], 4);
  if (await fits(compiler, target, environment)) return compiler;
  if (compiler.family === 'clang' && target.triple !== undefined) {
    // Every clang is a cross compiler; it only has to be told.
    const told = { ...compiler, command: [...command, `--target=${target.triple}`] };
    if (await fits(told, target, environment)) return told;
  }
  const machine = await machineOf(compiler, environment);
  throw new QccError(
    [
      error(
        'Q0502',
        `${source} is "${joinWords(command)}", which makes code for ${machine}; target "${target.name}" is ${target.triple}`,
        undefined,
        `unset ${source}${target.compilers.gcc === undefined ? '' : `, or name a compiler for it: --cc ${target.compilers.gcc}`}`,
      ),
    ],
    4,
  );
}

function candidatesFor(target: Target, cross: boolean): readonly (readonly string[])[] {
  if (!cross) return [['gcc'], ['cc'], ...clangNames.map((name) => [name])];
  const { gcc, clang } = target.compilers;
  const clangWords = clang === undefined ? undefined : splitWords(clang);
  const clangs = clangWords === undefined ? [] : clangNames.map((name) => [name, ...clangWords.slice(1)]);
  const gccWords = gcc === undefined ? undefined : splitWords(gcc);
  return gccWords === undefined ? clangs : [gccWords, ...clangs];
}

async function probe(
  command: readonly string[],
  cross: boolean,
  environment: Environment,
): Promise<Compiler | undefined> {
  if (command.length === 0) return undefined;
  const answer = await ask([...command, '--version'], environment);
  if (answer.end !== 'exit' || answer.exitCode !== 0) return undefined;
  const family = /clang/i.test(answer.stdout) ? 'clang' : 'gcc';
  return { command, family, version: answer.stdout.split('\n', 1)[0].trim(), cross };
}

async function fits(compiler: Compiler, target: Target, environment: Environment): Promise<boolean> {
  return target.triple === undefined || cpuOf(await machineOf(compiler, environment)) === cpuOf(target.triple);
}

/** Cross compilers come without a C library: it is a package of its own, and cross executables are static. */
async function hasStaticLibrary(compiler: Compiler, target: Target, environment: Environment): Promise<boolean> {
  if (isBareMetal(target)) {
    const command = [...compiler.command, ...target.cFlags, '-E', '-include', 'stdio.h', '-x', 'c', '/dev/null'];
    return (await ask(command, environment)).exitCode === 0;
  }
  const answer = await ask([...compiler.command, '-print-file-name=libc.a'], environment);
  return isAbsolute(answer.stdout.trim());
}

async function machineOf(compiler: Compiler, environment: Environment): Promise<string> {
  return (await ask([...compiler.command, '-dumpmachine'], environment)).stdout.trim();
}

/** Apple says arm64 where everybody else says aarch64. */
function cpuOf(triple: string): string {
  const cpu = triple.split('-', 1)[0];
  return cpu === 'arm64' ? 'aarch64' : cpu;
}

function ask(command: readonly string[], environment: Pick<Environment, 'env'>): Promise<ProcessResult> {
  const path = environment.env.PATH;
  return runProcess(command, {
    timeoutMs: 20_000,
    env: { LC_ALL: 'C', ...(path === undefined ? {} : { PATH: path }) },
  });
}

function missingCompiler(target: Target, cross: boolean, host: Host, tried: readonly (readonly string[])[]): QccError {
  const packages = cross ? target.packages.get('debian')?.compiler : 'gcc libc6-dev';
  const names = tried.map((command) => command[0]);
  const message =
    names.length === 0
      ? `target "${target.name}" cannot be built on ${host.platform} ${host.arch}`
      : `no C compiler for target "${target.name}": tried ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', ...' : ''}`;
  const other = 'name a compiler with --cc';
  return new QccError([error('Q0501', message, undefined, installHelp(host, packages, other))], 4);
}

function installHelp(host: Host, packages: string | undefined, other: string): string {
  if (host.platform === 'darwin')
    return 'install the command-line tools (`xcode-select --install`), or use --emit c and build on the target machine';
  if (host.platform !== 'linux' || packages === undefined) return 'use --emit c and build on the target machine';
  return `install it: \`sudo apt-get install ${packages}\` (in a checkout of qcc: \`npm run setup\`), or ${other}`;
}
