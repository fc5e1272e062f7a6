/**
 * Starts other programs. Invariant: a process and everything it started is gone when `runProcess` returns, when its
 * time is over, and when qcc itself is interrupted (gcc does not end its own cc1, so whole groups are killed).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ProcessOptions {
  readonly cwd?: string;
  readonly timeoutMs?: number;
  /** Aborting it kills the process. */
  readonly signal?: AbortSignal;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Bytes of stdout and stderr kept; more ends the process. */
  readonly maxBytes?: number;
}

export interface ProcessResult {
  /** Undefined if it could not start or was ended by a signal. */
  readonly exitCode: number | undefined;
  /** `SIGSEGV`, ... */
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly end: 'exit' | 'signal' | 'timeout' | 'aborted' | 'not-found' | 'failed';
  /** What the system said when it could not start or its output could not be read; empty otherwise. */
  readonly message: string;
}

const groups = new Set<number>();
const folders = new Set<string>();
let watching = false;

/** Runs a command to its end. Never throws: what went wrong is in the result. */
export async function runProcess(command: readonly string[], options: ProcessOptions = {}): Promise<ProcessResult> {
  const { execa } = await import('execa');
  const [file, ...args] = command;
  watch();
  if (options.signal?.aborted === true) return ended('aborted');
  const child = execa(file, args, {
    reject: false,
    stdin: 'ignore',
    detached: true,
    cleanup: false,
    maxBuffer: options.maxBytes ?? 16 << 20,
    stripFinalNewline: false,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  const group = child.pid;
  let stopped: 'timeout' | 'aborted' | undefined;
  const stop = (why: 'timeout' | 'aborted'): void => {
    stopped ??= why;
    killGroup(group);
  };
  const abort = (): void => stop('aborted');
  const timer = options.timeoutMs === undefined ? undefined : setTimeout(() => stop('timeout'), options.timeoutMs);
  options.signal?.addEventListener('abort', abort);
  if (group !== undefined) groups.add(group);
  const result = await child;
  clearTimeout(timer);
  options.signal?.removeEventListener('abort', abort);
  if (result.exitCode === undefined) killGroup(group);
  if (group !== undefined) groups.delete(group);
  const { stdout, stderr, exitCode, signal } = result;
  const output = { stdout, stderr, exitCode, signal, message: '' };
  if (stopped !== undefined) return { ...output, end: stopped };
  if (result.isMaxBuffer) return { ...output, end: 'failed', message: 'it wrote too much' };
  if (signal !== undefined) return { ...output, end: 'signal' };
  if (exitCode !== undefined) return { ...output, end: 'exit' };
  const missing = result.code === 'ENOENT' || result.code === 'EACCES';
  return { ...output, end: missing ? 'not-found' : 'failed', message: result.originalMessage ?? '' };
}

/** Runs a shell command of the user's with `path` in place of each {}. */
export function runShell(command: string, path: string): Promise<ProcessResult> {
  return runProcess(['sh', '-c', command.replaceAll('{}', path)]);
}

export interface TemporaryFolder {
  readonly folder: string;
  remove(): void;
}

/**
 * A new folder below `within`, by default where the system keeps what is temporary. It is gone after `remove`, and should qcc be
 * interrupted before.
 */
export function temporaryFolder(prefix: string, within = tmpdir()): TemporaryFolder {
  watch();
  const folder = mkdtempSync(join(within, prefix));
  folders.add(folder);
  return {
    folder,
    remove() {
      folders.delete(folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function ended(end: 'aborted'): ProcessResult {
  return { exitCode: undefined, signal: undefined, stdout: '', stderr: '', end, message: '' };
}

function killGroup(group: number | undefined): void {
  if (group === undefined) return;
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // The group has ended by itself.
  }
}

function cleanUp(): void {
  for (const group of groups) killGroup(group);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
}

/** A signal ends qcc as it would without us, unless somebody else (the command line) listens to it as well. */
function watch(): void {
  if (watching) return;
  watching = true;
  process.on('exit', cleanUp);
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const listener = (): void => {
      cleanUp();
      process.off(name, listener);
      if (process.listenerCount(name) === 0) process.kill(process.pid, name);
    };
    process.on(name, listener);
  }
}
