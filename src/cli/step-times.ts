/** Times of the steps of two programs, in turns, where this machine runs them itself. */
import { QccError } from '../diagnostics/diagnostic.js';
import { currentHost, runsNatively } from '../target/host.js';
import { type Driver, drive } from './drive.js';
import { profileOf } from './profile.js';
import type { Sample } from './samples.js';
import type { Session } from './session.js';

export type StepTimes =
  | { readonly ok: true; readonly us: readonly (readonly number[])[] }
  | { readonly ok: false; readonly why: string };

const ROUNDS = 5;
/** Nanoseconds of one round of one program. */
const ROUND_NS = 60e6;
const MOST_RUNS = 1000;

/** @param drivers made with an observer; they are removed. Smallest times of all rounds, in the order of the drivers. */
export async function timesInTurns(
  target: Session['target'],
  drivers: readonly (() => Promise<Driver>)[],
  sample: (driver: Driver) => Sample,
): Promise<StepTimes> {
  if (!runsNatively(target, currentHost()))
    return { ok: false, why: `target "${target.name}" is emulated here, and times of an emulator mean nothing` };
  const made: Driver[] = [];
  try {
    for (const make of drivers) made.push(await make());
    const runs: number[] = [];
    const best: number[][] = [];
    for (const driver of made) {
      const stepNs = await profiled(driver, sample(driver), 2);
      const total = stepNs.reduce((a, b) => a + b, 0);
      runs.push(Math.max(3, Math.min(MOST_RUNS, Math.round(ROUND_NS / Math.max(total, 1)))));
      best.push([...stepNs]);
    }
    for (let round = 0; round < ROUNDS; round++)
      for (const [i, driver] of made.entries()) {
        const stepNs = await profiled(driver, sample(driver), runs[i]);
        best[i] = best[i].map((ns, step) => Math.min(ns, stepNs[step]));
      }
    return { ok: true, us: best.map((steps) => steps.map((ns) => ns / 1e3)) };
  } catch (failure) {
    // No compiler, or a program that does not run: the rest of the report is as true without times.
    if (failure instanceof QccError && failure.exitCode === 4)
      return { ok: false, why: failure.diagnostics[0].message };
    throw failure;
  } finally {
    for (const driver of made) driver.remove();
  }
}

/** Smallest time of each step in so many runs. */
async function profiled(driver: Driver, sample: Sample, runs: number): Promise<readonly number[]> {
  const args = ['profile', driver.writeSamples([sample]), String(runs)];
  return profileOf(await drive(driver.executable, args, driver.session)).stepNs;
}
