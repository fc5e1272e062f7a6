/** Runs built programs, natively or emulated. Invariant: a program that crashed or hung is never taken for one that answered. */
import { basename, resolve } from 'node:path';
import { type Diagnostic, error, QccError } from '../diagnostics/diagnostic.js';
import { isBareMetal } from '../target/firmware.js';
import type { Target } from '../target/target.js';
import { type Environment, findEmulator } from './detect.js';
import { runProcess } from './process.js';

export interface RunOptions {
  readonly cwd?: string;
  /** Ten minutes if left out. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly emulated: boolean;
}

/**
 * Runs `exe` to its end and returns what it said, whatever its exit code. Throws QccError, exit code 4: Q0505 (time),
 * Q0506 (no emulator), Q0507 (a signal ended it).
 */
export async function runProgram(
  exe: string,
  args: readonly string[],
  target: Target,
  environment: Pick<Environment, 'env' | 'host'>,
  options: RunOptions = {},
): Promise<RunResult> {
  const emulator = await findEmulator(target, environment);
  const timeoutMs = options.timeoutMs ?? 600_000;
  const result = await runProcess(commandLine(target, emulator, exe, args), { ...options, timeoutMs });
  const { stdout, stderr, exitCode } = result;
  const where = emulator.length === 0 ? exe : `${exe} under ${emulator[0]}`;
  if (result.end === 'exit' && exitCode !== undefined) {
    // Semihosting has one console: what a program that fails says on it is why.
    const isComplaint = isBareMetal(target) && exitCode !== 0;
    const said = isComplaint ? { stdout: '', stderr: `${stderr}${stdout}` } : { stdout, stderr };
    return { exitCode, ...said, emulated: emulator.length > 0 };
  }
  if (result.end === 'timeout')
    throw new QccError([error('Q0505', `${where} did not finish within ${timeoutMs / 1000} s and was killed`)], 4);
  if (result.end === 'aborted') throw new QccError([error('Q0507', `${where} was interrupted`)], 4);
  if (result.end === 'signal') throw new QccError([crash(where, result.signal, stderr, target)], 4);
  throw new QccError([error('Q0507', `${where} cannot be run: ${result.message}`)], 4);
}

/** A blank inside an argument of an image: semihosting hands over one line, which firmware/*.c takes apart at blanks. */
const BLANK = '\x1f';

/**
 * The whole command: the emulator if there is one, the executable and its arguments. An image without an operating system
 * gets its arguments, files, console and exit code by semihosting.
 * @param emulator of `findEmulator`, with further arguments of its own perhaps.
 */
export function commandLine(
  target: Target,
  emulator: readonly string[],
  exe: string,
  args: readonly string[],
): readonly string[] {
  const program = resolve(exe);
  if (!isBareMetal(target)) return [...emulator, program, ...args];
  const words = [basename(program), ...args].map((word) => `,arg=${word.replaceAll(' ', BLANK).replaceAll(',', ',,')}`);
  return [
    ...emulator,
    ...['-display', 'none', '-monitor', 'none', '-serial', 'none', '-chardev', 'stdio,id=console'],
    '-semihosting-config',
    `enable=on,target=native,chardev=console${words.join('')}`,
    '-kernel',
    program,
  ];
}

const meanings: Readonly<Record<string, string>> = {
  SIGILL: 'an instruction the CPU does not have',
  SIGSEGV: 'memory outside its buffers',
  SIGBUS: 'misaligned memory, or memory outside its buffers',
  SIGFPE: 'an integer division by zero',
  SIGABRT: 'it stopped itself',
  SIGKILL: 'killed from outside, often because memory ran out',
};

function crash(where: string, signal: string | undefined, stderr: string, target: Target): Diagnostic {
  const name = signal ?? 'a signal';
  const meaning = meanings[name];
  const message = `${where} was ended by ${name}${meaning === undefined ? '' : `: ${meaning}`}`;
  const said = stderr.trim() === '' ? {} : { quote: stderr.trim().split('\n').slice(-5) };
  return { ...error('Q0507', message, undefined, crashHelp(signal, target)), ...said };
}

function crashHelp(signal: string | undefined, target: Target): string {
  if (signal === 'SIGILL')
    return `it was built for "${target.name}" (${target.doc}); \`qcc targets\` says what runs here`;
  if (signal === 'SIGKILL') return 'give it more memory, or look at what killed it';
  return 'this is a bug of qcc: please report it with the model';
}
