import { type ArenaBuffer, type PackedProgram, type PlacedProgram, stepsOf } from '../src/program/program.js';
export const name = 'plan-memory';
export const doc = 'Places buffers in the arena.';
export function planMemory(program: PackedProgram): PlacedProgram {
  const offsets = new Map<ArenaBuffer, number>();
  let at = 0;
  for (const step of stepsOf(program.body))
    for (const arg of step.args) {
      const b = arg.view?.buffer;
      if ((b?.role !== 'value' && b?.role !== 'scratch') || offsets.has(b)) continue;
      offsets.set(b, at);
      at += Math.ceil((b.bytes + step.kernel.slack) / 64) * 64;
    }
  return { ...program, offsets, arenaBytes: at, arenaAlign: 64, arenaLowerBound: at };
}
