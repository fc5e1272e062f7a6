/**
 * Which buffers may lie over each other although both hold data: a result that is written while its operand is still being
 * read, but only ever behind the place where it is read. Invariant: with `upper` at least `distance` bytes above `lower`, no
 * write to `lower` touches a byte of `upper` that is read at the same time or later.
 */
import type { ArenaBuffer, Item, Program } from './program.js';
import { mayLieOver } from './rows.js';

export interface Overlap {
  /** Written from low to high addresses ... */
  readonly lower: ArenaBuffer;
  /** ... while this one is read, all of it written before. */
  readonly upper: ArenaBuffer;
  /** Bytes between the two beginnings, 0 or more, less than the size of `lower`. */
  readonly distance: number;
}

interface Access {
  readonly time: number;
  readonly low: number;
  readonly high: number;
  readonly isWrite: boolean;
  /** The result of this very call may lie over it, or below. */
  readonly isInPlace: boolean;
}

/** Every pair of arena values that may overlap beyond what their lifetimes allow. */
export function overlaps(program: Pick<Program, 'body'>): readonly Overlap[] {
  if (program.body.every((item) => item.kind === 'step')) return [];
  const found: Overlap[] = [];
  const all = [...accesses(program.body)].filter(([buffer]) => buffer.role === 'value');
  const spans = all.map(([buffer, list]) => {
    const writes = list.filter((a) => a.isWrite);
    const first = writes[0]?.time ?? -1;
    return { buffer, list, writes, first, lastWrite: writes.at(-1)?.time ?? -1, last: list[list.length - 1].time };
  });
  for (const upper of spans)
    for (const lower of spans) {
      // An output of the caller is needed after its last reader.
      if (upper.buffer.caller === 'output') continue;
      if (upper === lower || upper.lastWrite >= lower.first || upper.last < lower.first || upper.last >= lower.last)
        continue;
      const distance = distanceOf(lower.writes, upper.list);
      if (distance < lower.buffer.bytes) found.push({ lower: lower.buffer, upper: upper.buffer, distance });
    }
  return found;
}

/** Largest end of a write less the lowest byte that is read then or later; where the call works in place, its beginning. */
function distanceOf(writes: readonly Access[], reads: readonly Access[]): number {
  let distance = 0;
  let lowest = Infinity;
  let at = reads.length;
  for (let w = writes.length - 1; w >= 0; w--) {
    const { time, low, high } = writes[w];
    while (at > 0 && reads[at - 1].time > time) lowest = Math.min(lowest, reads[--at].low);
    for (let r = at - 1; r >= 0 && reads[r].time === time; r--)
      distance = Math.max(distance, (reads[r].isInPlace ? low : high) - reads[r].low);
    if (lowest < Infinity) distance = Math.max(distance, high - lowest);
  }
  return distance;
}

/** Every access of a run to the arena, by buffer, in the order of the run. */
function accesses(items: readonly Item[]): ReadonlyMap<ArenaBuffer, Access[]> {
  const all = new Map<ArenaBuffer, Access[]>();
  let time = 0;
  const visit = (item: Item, moved: ReadonlyMap<unknown, number>): void => {
    if (item.kind === 'repeat') {
      for (let turn = 0; turn < item.count; turn++) {
        const here = new Map(moved);
        for (const { buffer, bytes } of item.advances) here.set(buffer, (here.get(buffer) ?? 0) + turn * bytes);
        for (const inner of item.body) visit(inner, here);
      }
      return;
    }
    for (const { name, view, access } of item.args) {
      if (view === undefined || (view.buffer.role !== 'value' && view.buffer.role !== 'scratch')) continue;
      const low = view.offset + (moved.get(view.buffer) ?? 0);
      const list = all.get(view.buffer) ?? [];
      all.set(view.buffer, list);
      const isInPlace = mayLieOver(item, name);
      list.push({ time, low, high: low + view.bytes, isWrite: access !== 'read', isInPlace });
    }
    time++;
  };
  for (const item of items) visit(item, new Map());
  return all;
}
