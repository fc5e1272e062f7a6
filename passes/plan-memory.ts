/**
 * plan-memory: every arena buffer gets an offset. Buffers share bytes where they are never live together, or where a
 * step may write its result over an operand that dies in it.
 *
 * BEFORE  v0 [0..2] 1024 bytes   v1 [1..3] 512 bytes   v2 [3..4] 1024 bytes
 * AFTER   v0 at 0x0   v1 at 0x400   v2 at 0x0   arena 1536 bytes = lower bound
 */
import { error, QccError } from '../src/diagnostics/diagnostic.js';
import { InternalError } from '../src/ir/build.js';
import { planArena } from '../src/program/arena.js';
import { partsFault } from '../src/program/parts.js';
import { isIoInArena, type PackedProgram, type PlacedProgram } from '../src/program/program.js';
import { planRegions, type RegionSize } from '../src/program/regions.js';
import { placementFault } from '../src/program/verify.js';

export const name = 'plan-memory';
export const doc = 'Places buffers in the arena, optimally or with a proved lower bound.';

/** @param sizes memories to use in place of one arena, the preferred first; none: one arena, as small as can be. */
export function planMemory(program: PackedProgram, sizes: readonly RegionSize[] = []): PlacedProgram {
  const arena = sizes.length === 0 ? { ...planArena(program), regions: [] } : planned(program, sizes);
  const placed = {
    ...program,
    offsets: arena.offsets,
    arenaBytes: arena.bytes,
    arenaAlign: arena.align,
    arenaLowerBound: arena.lowerBound,
    regions: arena.regions,
  };
  const isPlain = sizes.length === 0 && program.parts === undefined && !isIoInArena(program);
  if (!isPlain || program.body.some((item) => item.kind === 'repeat')) {
    const fault = placementFault(placed) ?? partsFault(placed);
    if (fault !== undefined) throw new InternalError(`plan-memory: ${fault}`);
  }
  return placed;
}

function planned(program: PackedProgram, sizes: readonly RegionSize[]) {
  const answer = planRegions(program, sizes);
  if ('plan' in answer) return answer.plan;
  const { region, more } = answer.shortage;
  const given = sizes.map((s) => `${s.name} ${s.bytes}`).join(', ');
  const message = `the tensors do not fit the memory given (${given} bytes for them)`;
  const help = `the smallest enlargement that would do: ${more} more bytes of ${region.name}; or --optimize ram`;
  throw new QccError([error('Q0622', message, undefined, help)], 3);
}
