/**
 * Instructions an emulated program executes, by a plugin of QEMU made on the spot. Invariant: a number comes from the
 * emulator itself and is the same on every machine; where that cannot be had, there is none.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Target } from '../target/target.js';
import { type Compiler, type Environment, findEmulator } from './detect.js';
import { runProcess, temporaryFolder } from './process.js';
import { commandLine } from './run.js';

export interface Mark {
  readonly mark: number;
  /** Since the program started. */
  readonly instructions: number;
}

export type Counted =
  | { readonly ok: true; readonly marks: readonly Mark[]; readonly stdout: string }
  | { readonly ok: false; readonly why: string };

/** Interface versions of plugins: QEMU 7 and 8 have 1, later ones 2 to 4; the functions used did not change. */
const versions = [1, 2, 3, 4];

/**
 * Runs `exe` under the emulator of `target` with `pluginSource` (runtime-c/emulator/count.c) loaded.
 * @param compiler makes code for this machine.
 */
export async function countMarks(
  exe: string,
  args: readonly string[],
  target: Target,
  pluginSource: string,
  compiler: Compiler,
  environment: Pick<Environment, 'env' | 'host'>,
): Promise<Counted> {
  const [emulator, ...flags] = await findEmulator(target, environment);
  if (emulator === undefined || !/(^|\/)qemu-/.test(emulator))
    return { ok: false, why: `no instructions are counted under ${emulator ?? 'no emulator'}` };
  const { folder, remove } = temporaryFolder('qcc-count-');
  try {
    let why = '';
    for (const version of versions) {
      const [plugin, out] = [join(folder, `count${version}.so`), join(folder, `marks${version}`)];
      const make = ['-O2', '-shared', '-fPIC', `-DQCC_PLUGIN_VERSION=${version}`, pluginSource, '-o', plugin];
      const made = await runProcess([...compiler.command, ...make], { timeoutMs: 60_000 });
      if (made.exitCode !== 0)
        return { ok: false, why: `the counting plugin cannot be compiled: ${made.stderr.trim()}` };
      const plugged = [emulator, ...flags, '-plugin', `${plugin},out=${out}`];
      const run = await runProcess(commandLine(target, plugged, exe, args), { timeoutMs: 600_000 });
      if (run.exitCode === 0) return { ok: true, marks: parseMarks(readFileSync(out, 'latin1')), stdout: run.stdout };
      why = `${emulator} does not take the counting plugin: ${run.stderr.trim().split('\n', 1)[0]}`;
    }
    return { ok: false, why };
  } finally {
    remove();
  }
}

export function parseMarks(text: string): readonly Mark[] {
  return [...text.matchAll(/^(\d+) (\d+)$/gm)].map(([, mark, instructions]) => ({
    mark: Number(mark),
    instructions: Number(instructions),
  }));
}
