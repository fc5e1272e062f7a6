/** Keeps qcc, and what it starts, on one CPU while something is timed. */
import { runProcess } from './process.js';

/**
 * Does `work` on one CPU, on Linux by `taskset` of util-linux: the last one that qcc may use, for interrupts go to the first as a
 * rule. `work` gets its number; undefined where the system has no such thing, and times then hold what moving costs. Several
 * threads need several CPUs: they are left alone.
 */
export async function onOneCpu<T>(threads: number, work: (cpu: number | undefined) => Promise<T>): Promise<T> {
  const before = threads > 1 ? undefined : await affinity();
  const cpu = before === undefined ? undefined : lastOf(before);
  if (before === undefined || cpu === undefined || !(await setAffinity(String(cpu)))) return work(undefined);
  try {
    return await work(cpu);
  } finally {
    await setAffinity(before);
  }
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
