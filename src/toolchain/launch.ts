/** Times whole runs of a program, from the start of its process to its end: `runtime-c/host/launch.c`. */
import { join } from 'node:path';
import type { Compiler } from './detect.js';
import { runProcess } from './process.js';

export interface Launch {
  readonly minUs: number;
  readonly medianUs: number;
  /** Resident memory at most. */
  readonly peakRssBytes: number;
}

/** Undefined where the launcher cannot be built or a run fails. @param source path of launch.c. */
export async function timeLaunches(
  command: readonly string[],
  runs: number,
  source: string,
  folder: string,
  compiler: Compiler,
): Promise<Launch | undefined> {
  const launcher = join(folder, 'launch');
  const built = await runProcess([...compiler.command, '-O1', source, '-o', launcher]);
  if (built.exitCode !== 0) return undefined;
  const { exitCode, stdout } = await runProcess([launcher, String(runs), ...command], { timeoutMs: 600_000 });
  if (exitCode !== 0) return undefined;
  const answer: unknown = JSON.parse(stdout);
  const members = new Map<string, unknown>(Object.entries(answer ?? {}));
  const number = (name: string) => Number(members.get(name));
  return { minUs: number('min_us'), medianUs: number('median_us'), peakRssBytes: number('peak_rss_bytes') };
}
