/**
 * The profile of a build made with `--profile`, run in an emulator: instructions between the readings of its counter. They
 * are called instructions wherever they are shown, because an emulator has no cycles.
 */
import { join } from 'node:path';
import { packageRoot } from '../assets.js';
import { currentHost } from '../target/host.js';
import { hostDefault, loadTargets } from '../target/load.js';
import type { Target } from '../target/target.js';
import { type Counted, countMarks, type Mark } from '../toolchain/count.js';
import { findCompiler } from '../toolchain/detect.js';

/** What `manifest.json` says of a step and of the loops. */
export interface ListedStep {
  readonly op: string;
  readonly origin: readonly string[];
}
export interface ListedLoop {
  readonly first: number;
  readonly steps: number;
  readonly count: number;
}

export interface InstructionProfile {
  readonly total: number;
  readonly steps: readonly (ListedStep & { readonly index: number; readonly instructions: number })[];
}

/** Runs the image with the counting plugin; what it printed comes with the marks. */
export async function countProfile(exe: string, args: readonly string[], target: Target): Promise<Counted> {
  const host = currentHost();
  const compiler = await findCompiler(hostDefault(loadTargets()), { env: process.env, host });
  const plugin = join(packageRoot(), 'runtime-c/emulator/count.c');
  return countMarks(exe, args, target, plugin, compiler, { env: process.env, host });
}

/** Indices of the steps in the order in which a run executes them. */
export function executedSteps(count: number, loops: readonly ListedLoop[]): readonly number[] {
  const inside = (from: number, end: number, outer: ListedLoop | undefined): number[] => {
    const order: number[] = [];
    for (let at = from; at < end; ) {
      const loop = loops
        .filter((l) => l !== outer && l.first === at && at + l.steps <= end && l.steps > 0)
        .filter((l) => outer === undefined || l.steps < outer.steps || at > outer.first)
        .sort((a, b) => b.steps - a.steps)[0];
      if (loop === undefined) order.push(at++);
      else {
        const body = inside(at, at + loop.steps, loop);
        for (let turn = 0; turn < loop.count; turn++) order.push(...body);
        at += loop.steps;
      }
    }
    return order;
  };
  return inside(0, count, undefined);
}

/**
 * A run reads its counter once, twice around nothing, then before and after each step it executes. Undefined where the
 * marks are not those of one run.
 */
export function instructionProfile(
  marks: readonly Mark[],
  steps: readonly ListedStep[],
  loops: readonly ListedLoop[],
): InstructionProfile | undefined {
  const order = executedSteps(steps.length, loops);
  if (marks.length !== 3 + 2 * order.length) return undefined;
  const between = (i: number) => marks[i + 1].instructions - marks[i].instructions;
  const counting = between(0);
  const sums = new Array<number>(steps.length).fill(0);
  for (const [i, step] of order.entries()) sums[step] += between(2 + 2 * i) - counting;
  return {
    total: sums.reduce((sum, n) => sum + n, 0),
    steps: steps.map(({ op, origin }, index) => ({ index, op, origin, instructions: sums[index] })),
  };
}

export function profileTable({ total, steps }: InstructionProfile): string {
  const rows = steps.map(({ index, op, origin, instructions }) => {
    const share = total === 0 ? 0 : Math.round((100 * instructions) / total);
    return `${String(index).padStart(6)}${String(instructions).padStart(14)}${String(share).padStart(5)} %  ${op} ${JSON.stringify(origin)}`;
  });
  return ['profile  instructions of a run, counted in QEMU', ...rows, `   sum${String(total).padStart(14)}`].join('\n');
}
