/** What starting costs: time to the first answer and memory, of a built program and of ONNX Runtime. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../assets.js';
import type { Graph } from '../ir/graph.js';
import { bytesOf } from '../ir/stored.js';
import { currentHost } from '../target/host.js';
import { findCompiler } from '../toolchain/detect.js';
import { timeLaunches } from '../toolchain/launch.js';
import { runProcess } from '../toolchain/process.js';
import type { OrtInput } from './ort-start.js';
import type { Sample } from './samples.js';
import type { Session } from './session.js';
import { median } from './timing.js';

const RUNS = 20;
const ORT_RUNS = 3;

export interface Startup {
  /** To the first answer; of a program: the whole process, from start to end, with reading the inputs. */
  readonly startup_us: number;
  /** Of a program: the most it ever had. Of ONNX Runtime: what loading the model and one run add to the process. */
  readonly rss_bytes: number;
}

/** Median of some runs of the built program; undefined where it cannot be had. */
export async function programStartup(
  session: Session,
  command: readonly string[],
  folder: string,
  cc: string | undefined,
): Promise<Startup | undefined> {
  const compiler = await findCompiler(session.target, { cc, env: process.env, host: currentHost() });
  const source = join(packageRoot(), 'runtime-c/host/launch.c');
  const launch = await timeLaunches(command, RUNS, source, folder, compiler);
  return launch === undefined ? undefined : { startup_us: launch.medianUs, rss_bytes: launch.peakRssBytes };
}

/** Median of some processes that load the model; undefined where ONNX Runtime fails there. */
export async function ortStartup(
  model: string,
  mode: 'default' | 'exact',
  graph: Graph,
  sample: Sample,
  folder: string,
): Promise<Startup | undefined> {
  const inputs = graph.inputs.map(({ name, type }, i): OrtInput => {
    const file = join(folder, `ort-input${i}.bin`);
    writeFileSync(file, bytesOf(sample[i]));
    return { name, element: type.element, shape: type.shape, file };
  });
  // Beside this file, compiled or not.
  const script = fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? './ort-start.ts' : './ort-start.js', import.meta.url),
  );
  const command = [process.execPath, ...process.execArgv, script, model, mode, JSON.stringify(inputs)];
  const answers: Startup[] = [];
  for (let i = 0; i < ORT_RUNS; i++) {
    const { exitCode, stdout } = await runProcess(command, { timeoutMs: 120_000 });
    if (exitCode !== 0) return undefined;
    answers.push(JSON.parse(stdout));
  }
  return {
    startup_us: median(answers.map((a) => a.startup_us)),
    rss_bytes: median(answers.map((a) => a.rss_bytes)),
  };
}
