/** Keeps qcc, and what it starts, on one CPU while something is timed. */
import { runProcess } from './process.js';

export interface Pinned {
  /** Undefined where the system has no such thing: times then hold what moving between CPUs costs. */
  readonly cpu: number | undefined;
  release(): Promise<void>;
}

/** On Linux, by `taskset` of util-linux, to the last CPU that qcc may use: interrupts go to the first as a rule. */
export async function pinToCpu(): Promise<Pinned> {
  const before = await affinity();
  const cpu = before === undefined ? undefined : lastOf(before);
  if (before === undefined || cpu === undefined || !(await setAffinity(String(cpu))))
    return { cpu: undefined, release: async () => {} };
  return {
    cpu,
    async release() {
      await setAffinity(before);
    },
  };
}

/** `0-3,8` */
async function affinity(): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  const { end, exitCode, stdout } = await runProcess(['taskset', '-c', '-p', String(process.pid)]);
  return end === 'exit' && exitCode === 0 ? /: ([\d,-]+)\s*$/.exec(stdout)?.[1] : undefined;
}

async function setAffinity(list: string): Promise<boolean> {
  const { end, exitCode } = await runProcess(['taskset', '-a', '-c', '-p', list, String(process.pid)]);
  return end === 'exit' && exitCode === 0;
}

/** The last CPU of a list as `taskset` prints it. */
export function lastOf(list: string): number | undefined {
  const last = /(\d+)$/.exec(list)?.[1];
  return last === undefined ? undefined : Number(last);
}
