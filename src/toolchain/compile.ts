/**
 * Turns generated C into an executable, a static library, a shared object. Invariant: an output is complete or it is
 * not there: everything is built in a temporary folder beside it and renamed.
 */
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { error, QccError } from '../diagnostics/diagnostic.js';
import { cFlagsAt, isaCFlags, libraryCFlags, linkFlags } from '../target/flags.js';
import type { Policy } from '../target/policy.js';
import type { Target } from '../target/target.js';
import { type Compiler, type Environment, userWords } from './detect.js';
import { type ObjectStore, STACK_REPORT, stackFile } from './objects.js';
import { type ProcessResult, runProcess, temporaryFolder } from './process.js';
import { undefinedNames } from './sections.js';
import { joinWords } from './words.js';

export interface Source {
  /** Relative to the build folder, `/` between folders. */
  readonly path: string;
  /** Files of the host part (`host/main.c`) are linked into the executable only. */
  readonly part: 'library' | 'host';
  /** Needs the compiler flags of the target's instruction sets. */
  readonly usesIsa: boolean;
}

export type Output = 'exe' | 'lib' | 'shared';

export interface CompileRequest {
  /** Build folder: sources are below it, outputs go into it. */
  readonly dir: string;
  /** Outputs are `<name>`, `lib<name>.a`, `lib<name>.so` (`.dylib` on macOS). */
  readonly name: string;
  readonly sources: readonly Source[];
  readonly target: Target;
  readonly compiler: Compiler;
  readonly outputs: readonly Output[];
  /** For CFLAGS, LDFLAGS, AR. */
  readonly env: Environment['env'];
  /** Compilers at a time; the number of CPUs if left out. */
  readonly jobs?: number;
  /** Optimization of our flags; -O3 if left out. */
  readonly level?: Policy['level'];
  /** The compiler reports the stack of every function of the library (-fstack-usage). */
  readonly reportsStack?: boolean;
  /** Further compiler flags, after ours and before CFLAGS: sanitizers in tests. */
  readonly cFlags?: readonly string[];
  /** Of one command; ten minutes if left out. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Object files are taken from there, where they are, and kept there. */
  readonly objects?: ObjectStore;
}

export interface CompileResult {
  /** Absolute or relative as `dir` is. */
  readonly files: ReadonlyMap<Output, string>;
  /** What the compiler said although it succeeded; empty as a rule. */
  readonly warnings: string;
  /** Reports of -fstack-usage, one per file of the library; empty unless asked for. */
  readonly stackReports: readonly string[];
  /** The library's files use functions that none of them has. Asked for as the reports are; true where it cannot be told. */
  readonly callsLibrary: boolean;
}

/**
 * Compiles and links. Throws QccError, exit code 4: Q0503 (compiler), Q0504 (linker, archiver), Q0505 (time).
 * With several files at fault the first in source order is reported.
 */
export async function compileProgram(request: CompileRequest): Promise<CompileResult> {
  const { folder: temporary, remove } = temporaryFolder('.qcc-build-', request.dir);
  try {
    const sources = request.sources.filter((s) => s.part === 'library' || request.outputs.includes('exe'));
    const compiled = await mapPool(sources, request.jobs ?? availableParallelism(), (source, i) =>
      compileSource(request, source, join(basename(temporary), `${i}.o`)),
    );
    const failed = compiled.find((c) => !c.ok);
    if (failed?.result !== undefined)
      throw failure('Q0503', request, failed.command, failed.result, failed.source.path);
    const files = new Map<Output, string>();
    for (const output of request.outputs) {
      const objects = compiled.filter((c) => c.source.part === 'library' || output === 'exe').map((c) => c.object);
      files.set(output, await linkOutput(request, output, basename(temporary), objects));
    }
    for (const [output, file] of files) {
      const place = join(request.dir, fileName(request, output));
      renameSync(join(request.dir, file), place);
      files.set(output, place);
    }
    return {
      files,
      warnings: compiled.map((c) => c.result?.stderr ?? '').join(''),
      stackReports: request.reportsStack ? reportsOf(request, compiled) : [],
      callsLibrary: request.reportsStack !== true || callsLibrary(request, compiled),
    };
  } finally {
    remove();
  }
}

function reportsOf(request: CompileRequest, compiled: readonly Compiled[]): readonly string[] {
  return compiled.flatMap(({ source, object }) => {
    const file = join(request.dir, stackFile(object));
    return source.part === 'library' && existsSync(file) ? [readFileSync(file, 'utf8')] : [];
  });
}

/** Names of the model's own begin with its name. */
function callsLibrary(request: CompileRequest, compiled: readonly Compiled[]): boolean {
  return compiled.some(({ source, object }) => {
    if (source.part !== 'library') return false;
    const names = undefinedNames(readFileSync(join(request.dir, object)));
    return names?.every((name) => name.startsWith(`${request.name}_`)) !== true;
  });
}

interface Compiled {
  readonly source: Source;
  readonly object: string;
  readonly command: readonly string[];
  /** Undefined where it was there already. */
  readonly result: ProcessResult | undefined;
  readonly ok: boolean;
}

async function compileSource(request: CompileRequest, source: Source, object: string): Promise<Compiled> {
  const flags = compileCommand(request, source);
  const command = [...flags, '-c', source.path, '-o', object];
  const place = request.objects?.place(request.dir, source.path, flags);
  const [file, withStack] = [join(request.dir, object), flags.includes(STACK_REPORT)];
  if (place !== undefined && request.objects?.take(place, file, withStack) === true)
    return { source, object, command, result: undefined, ok: true };
  const result = await runProcess(command, processOptions(request, dirname(object)));
  const ok = succeeded(result);
  if (ok && place !== undefined) request.objects?.keep(place, file);
  return { source, object, command, result, ok };
}

/** Compiler and flags for one file, without `-c`, input and output. */
export function compileCommand(
  request: Pick<CompileRequest, 'compiler' | 'target' | 'cFlags' | 'env' | 'level' | 'reportsStack'>,
  source: Source,
): readonly string[] {
  return [
    ...request.compiler.command,
    ...cFlagsAt(request.level ?? '-O3'),
    ...request.target.cFlags,
    ...(source.usesIsa ? isaCFlags(request.target, request.compiler.family) : []),
    ...(source.part === 'library' ? libraryCFlags(request.target) : []),
    '-I.',
    ...(request.cFlags ?? []),
    ...(request.reportsStack === true && source.part === 'library' ? [STACK_REPORT] : []),
    ...userWords('CFLAGS', request.env.CFLAGS),
  ];
}

async function linkOutput(
  request: CompileRequest,
  output: Output,
  folder: string,
  objects: readonly string[],
): Promise<string> {
  const file = `${folder}/${fileName(request, output)}`;
  const command =
    output === 'lib'
      ? [...(await findArchiver(request, folder)), 'rcs', file, ...objects]
      : linkCommand(request, output, file, objects);
  const result = await runProcess(command, processOptions(request, folder));
  if (!succeeded(result)) throw failure('Q0504', request, command, result, fileName(request, output));
  return file;
}

function linkCommand(
  request: CompileRequest,
  output: 'exe' | 'shared',
  file: string,
  objects: readonly string[],
): readonly string[] {
  const { compiler, target } = request;
  return [
    ...compiler.command,
    ...target.cFlags,
    ...(request.cFlags ?? []),
    ...userWords('CFLAGS', request.env.CFLAGS),
    ...(output === 'shared' ? ['-shared'] : compiler.cross ? target.crossLinkFlags : []),
    ...linkFlags(
      target,
      request.sources.map((s) => s.path),
    ),
    ...objects,
    '-o',
    file,
    ...userWords('LDFLAGS', request.env.LDFLAGS),
  ];
}

/** `AR`, else the archiver that belongs to the compiler. */
async function findArchiver(request: CompileRequest, folder: string): Promise<readonly string[]> {
  const named = userWords('AR', request.env.AR);
  if (named.length > 0) return named;
  const answer = await runProcess(
    [...request.compiler.command, '-print-prog-name=ar'],
    processOptions(request, folder),
  );
  const path = answer.stdout.trim();
  return [succeeded(answer) && path !== '' ? path : 'ar'];
}

function fileName(request: CompileRequest, output: Output): string {
  if (output === 'exe') return request.name;
  const suffix = output === 'lib' ? 'a' : request.target.objectFormat === 'macho' ? 'dylib' : 'so';
  return `lib${request.name}.${suffix}`;
}

/**
 * `ZERO_AR_DATE`: archives without times on macOS, as GNU ar makes them anyway. A compiler that is killed leaves its
 * temporary files where TMPDIR says: in `folder`, below the build folder, they go with it.
 */
function processOptions(request: CompileRequest, folder: string) {
  return {
    cwd: request.dir,
    timeoutMs: request.timeoutMs ?? 600_000,
    env: { LC_ALL: 'C', ZERO_AR_DATE: '1', TMPDIR: resolve(request.dir, folder) },
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  };
}

function succeeded(result: ProcessResult): boolean {
  return result.end === 'exit' && result.exitCode === 0;
}

function failure(
  code: 'Q0503' | 'Q0504',
  request: CompileRequest,
  command: readonly string[],
  result: ProcessResult,
  what: string,
): QccError {
  const program = basename(command[0]);
  if (result.end === 'aborted') return new QccError([error(code, `${program} was interrupted at ${what}`)], 4);
  if (result.end === 'timeout') {
    const seconds = (request.timeoutMs ?? 600_000) / 1000;
    return new QccError([error('Q0505', `${program} did not finish ${what} within ${seconds} s`)], 4);
  }
  const said = result.end === 'not-found' ? [`${program} cannot be started`] : firstLines(result.stderr);
  const verb = code === 'Q0503' ? 'refused' : 'could not make';
  const ending = result.signal === undefined ? '' : ` (ended by ${result.signal})`;
  const diagnostic = error(code, `${program} ${verb} ${what}${ending}`, undefined, helpFor(result.stderr, request));
  return new QccError([{ ...diagnostic, quote: [...said, `command: ${joinWords(command)}`] }], 4);
}

function helpFor(stderr: string, request: CompileRequest): string | undefined {
  if (/__FAST_MATH__|-ffast-math/.test(stderr))
    return 'take -ffast-math (-Ofast) out of CFLAGS: answers would depend on the compiler';
  const flags = ['CFLAGS', 'LDFLAGS'].filter((name) => (request.env[name] ?? '').trim() !== '');
  if (flags.length > 0) return `try again without your ${flags.join(' and ')}`;
  return undefined;
}

/** The first lines: the first error is the one that matters. */
function firstLines(text: string): string[] {
  const lines = text.trimEnd().split('\n');
  const shown = lines.slice(0, 30);
  if (lines.length > 30) shown.push(`... ${lines.length - 30} more lines`);
  return shown;
}

/** Answers in the order of `items`, at most `limit` at work at a time. */
async function mapPool<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Map<number, R>();
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [i, item] of queue) results.set(i, await work(item, i));
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(limit, items.length)) }, worker));
  return items.flatMap((_, i) => {
    const result = results.get(i);
    return result === undefined ? [] : [result];
  });
}
