/**
 * plan-memory: every arena buffer gets an offset. Buffers share bytes where they are never live together, or where a
 * step may write its result over an operand that dies in it.
 *
 * BEFORE  v0 [0..2] 1024 bytes   v1 [1..3] 512 bytes   v2 [3..4] 1024 bytes
 * AFTER   v0 at 0x0   v1 at 0x400   v2 at 0x0   arena 1536 bytes = lower bound
 */
import { InternalError } from '../src/ir/build.js';
import { planArena } from '../src/program/arena.js';
import type { PackedProgram, PlacedProgram } from '../src/program/program.js';
import { placementFault } from '../src/program/verify.js';

export const name = 'plan-memory';
export const doc = 'Places buffers in the arena, optimally or with a proved lower bound.';

export function planMemory(program: PackedProgram): PlacedProgram {
  const arena = planArena(program);
  const placed = {
    ...program,
    offsets: arena.offsets,
    arenaBytes: arena.bytes,
    arenaAlign: arena.align,
    arenaLowerBound: arena.lowerBound,
  };
  if (program.body.some((item) => item.kind === 'repeat')) {
    const fault = placementFault(placed);
    if (fault !== undefined) throw new InternalError(`plan-memory: ${fault}`);
  }
  return placed;
}
