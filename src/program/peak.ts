/** What lies in the arena when it is fullest. */

import { lifetimes } from './liveness.js';
import type { ArenaBuffer, PlacedProgram } from './program.js';

export interface Peak {
  /** Index of the step, as `stepsOf` counts. */
  readonly step: number;
  readonly bytes: number;
  /** Buffers that hold data during the step, largest first. */
  readonly live: readonly ArenaBuffer[];
}

/** The first step during which the buffers that hold data are largest together; undefined without an arena. */
export function peakOfArena(program: PlacedProgram): Peak | undefined {
  const lives = lifetimes(program, program.inputs).filter(({ buffer }) => buffer.bytes > 0);
  let best: Peak | undefined;
  for (const step of new Set(lives.map((l) => l.first))) {
    const live = lives.filter((l) => l.first <= step && step <= l.last).map((l) => l.buffer);
    const bytes = live.reduce((sum, b) => sum + b.bytes, 0);
    if (best === undefined || bytes > best.bytes) best = { step, bytes, live };
  }
  return best && { ...best, live: [...best.live].sort((a, b) => b.bytes - a.bytes) };
}
