/** What each step of a model costs: times on this machine, or instructions in an emulator. */
import { join } from 'node:path';
import { packageRoot } from '../assets.js';
import { callsOf, type Item } from '../program/program.js';
import { currentHost } from '../target/host.js';
import { hostDefault, loadTargets } from '../target/load.js';
import { peakOf } from '../target/target.js';
import { countMarks, type Mark } from '../toolchain/count.js';
import { findCompiler } from '../toolchain/detect.js';
import { onOneCpu } from '../toolchain/pin.js';
import { buildDriver, type DriveOptions, drive } from './drive.js';
import type { Sample } from './samples.js';

export interface StepCost {
  readonly minUs: number;
  /** Multiply-accumulates a second, in 10^9; undefined for steps without. */
  readonly gmacs: number | undefined;
  /** Share of what the kernel's scheme could do; undefined where that is not known. */
  readonly peakShare: number | undefined;
  readonly scheme: string | undefined;
}

export interface Profile {
  readonly steps: readonly StepCost[];
  /** What each scheme could do, in 10^9 multiply-accumulates a second, measured in the same process. */
  readonly peaks: ReadonlyMap<string, number>;
}

/** Whole runs the steps are timed in. */
const PROFILE_US = 1e6;

/** @param runUs of one run, to choose how many are made. */
export async function profileSteps(options: DriveOptions, sample: Sample, runUs: number): Promise<Profile> {
  const driver = await buildDriver(options, true, { out: () => {}, say: () => {}, color: false });
  try {
    const runs = Math.max(5, Math.min(2000, Math.round(PROFILE_US / runUs)));
    const args = ['profile', driver.writeSamples([sample]), String(runs)];
    const { stepNs, peaks } = profileOf(
      await onOneCpu(options.threads ?? 1, () => drive(driver.executable, args, driver.session)),
    );
    const { isas } = driver.session.target;
    const steps = callsOf(driver.session.compiled.program.body).map(({ step, times }, i) => {
      const gmacs = step.macs === 0 || stepNs[i] === 0 ? undefined : (step.macs * times) / stepNs[i];
      const best = peakOf(isas, step.kernel);
      const peak = best === undefined ? undefined : peaks.get(best.scheme);
      const isKnown = gmacs !== undefined && best !== undefined && peak !== undefined;
      const peakShare = isKnown ? gmacs / (peak * best.factor) : undefined;
      return { minUs: stepNs[i] / 1e3, gmacs, peakShare, scheme: isKnown ? best.scheme : undefined };
    });
    return { steps, peaks };
  } finally {
    driver.remove();
  }
}

/** What `driver profile` prints. */
export function profileOf(text: string): {
  readonly stepNs: readonly number[];
  readonly peaks: ReadonlyMap<string, number>;
} {
  const answer: unknown = JSON.parse(text);
  if (typeof answer !== 'object' || answer === null || !('step_ns' in answer) || !Array.isArray(answer.step_ns))
    throw new Error('the driver printed no profile');
  const peaks = new Map<string, number>();
  if ('peaks' in answer)
    for (const [scheme, gmacs] of Object.entries(answer.peaks ?? {})) peaks.set(scheme, Number(gmacs));
  return { stepNs: answer.step_ns.map(Number), peaks };
}

export type StepCounts =
  | { readonly ok: true; readonly total: number; readonly steps: readonly number[] }
  | { readonly ok: false; readonly why: string };

/** Instructions of one run, and of each step of it. The same on every machine. */
export async function countSteps(options: DriveOptions, sample: Sample): Promise<StepCounts> {
  const driver = await buildDriver(options, true, { out: () => {}, say: () => {}, color: false });
  try {
    const host = currentHost();
    const compiler = await findCompiler(hostDefault(loadTargets()), { env: process.env, host });
    const counted = await countMarks(
      driver.executable,
      ['count', driver.writeSamples([sample]), '2'],
      driver.session.target,
      join(packageRoot(), 'runtime-c/emulator/count.c'),
      compiler,
      { env: process.env, host },
    );
    if (!counted.ok) return counted;
    return perCall(stepCounts(counted.marks), executed(driver.session.compiled.program.body));
  } finally {
    driver.remove();
  }
}

/** Places in `callsOf(items)` of the calls, in the order in which they run. */
function executed(items: readonly Item[], first = 0): readonly number[] {
  let at = first;
  return items.flatMap((item) => {
    if (item.kind === 'step') return [at++];
    const once = executed(item.body, at);
    at += callsOf(item.body).length;
    return Array.from({ length: item.count }, () => once).flat();
  });
}

/** Emulated machines count the calls that run where others name the call: those of a loop are added up. */
export function perCall(counts: StepCounts, order: readonly number[]): StepCounts {
  if (!counts.ok || counts.steps.length !== order.length) return counts;
  const steps = new Array<number>(Math.max(-1, ...order) + 1).fill(0);
  for (const [i, call] of order.entries()) steps[call] += counts.steps[i];
  return { ...counts, steps };
}

/**
 * Marks of `driver count`: two of the same number with nothing between, then for each run 0 before the first step and n
 * after step n - 1, each time it runs. The last run counts.
 */
export function stepCounts(marks: readonly Mark[]): StepCounts {
  const at = marks.findLastIndex(({ mark }) => mark === 0);
  if (at < 0 || marks.length < 2) return { ok: false, why: 'the program made no marks' };
  const cost = marks[1].instructions - marks[0].instructions;
  const run = marks.slice(at);
  const steps = new Array<number>(run.reduce((most, { mark }) => Math.max(most, mark), 0)).fill(0);
  for (const [i, { mark, instructions }] of run.slice(1).entries())
    steps[mark - 1] += instructions - run[i].instructions - cost;
  return { ok: true, total: steps.reduce((sum, n) => sum + n, 0), steps };
}
