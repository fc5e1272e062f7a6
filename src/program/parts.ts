/**
 * What the parts of a Program touch, and when. Invariant: two accesses that parts may make at the same time touch no common
 * byte, unless both only read it.
 */
import { type InPlacePair, inPlacePair, type Lifetime, lifetimes } from './liveness.js';
import type { ArenaBuffer, Arg, Buffer, Parts, PlacedProgram, Program, Split, Step } from './program.js';
import { stepsOf } from './program.js';

/** Largest number of parts a program can be made for: `QCC_PARTS_MOST` of qcc/parts.h. */
export const MOST_PARTS = 64;

/** Bytes that the parts meet at: two cache lines for each (qcc/parts.h). */
export function barrierBytes(most: number): number {
  return 2 * 64 * most;
}

/** The rows of one part: `qcc_rows_of`. */
export function rowsOfPart(
  split: Split,
  part: number,
  parts: number,
): { readonly first: number; readonly count: number } {
  const units = Math.ceil(split.rows / split.unit);
  const first = Math.floor((units * part) / parts) * split.unit;
  const end = Math.min(split.rows, Math.floor((units * (part + 1)) / parts) * split.unit);
  return { first, count: Math.max(0, end - first) };
}

/** Bytes of a buffer; empty where they are as many as that. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** What a part touches of an argument's buffer. */
export function touched(arg: Arg, split: Split | undefined, part: number, parts: number, most: number): Range {
  const { view } = arg;
  const none = { low: 0, high: 0 };
  if (view === undefined) return none;
  const whole = { low: view.offset, high: view.offset + view.bytes };
  if (split === undefined) return part === 0 ? whole : none;
  const rows = rowsOfPart(split, part, parts);
  if (rows.count === 0) return none;
  if (arg.access === 'scratch' && view.buffer.role === 'scratch') {
    const low = view.offset + part * scratchStride(view.buffer, most);
    return { low, high: low + view.bytes };
  }
  const how = split.args[arg.name];
  if (how === undefined || how.touches === 'any' || how.touches === 'met') return whole;
  let [first, end] = [rows.first, rows.first + rows.count];
  if (how.touches === 'window') {
    if (split.window === undefined) throw new Error('a split without its window');
    const { rows: image, size, stride, pad } = split.window;
    [first, end] = [Math.max(0, first * stride - pad), Math.min(image, (end - 1) * stride - pad + size)];
  }
  return { low: view.offset + first * how.rowBytes, high: view.offset + end * how.rowBytes };
}

/** Each part has its own piece of a scratch buffer. */
export function scratchStride(buffer: Buffer, most: number): number {
  return buffer.role === 'scratch' ? buffer.bytes / most : 0;
}

/** An access by all parts together. */
export interface Access {
  readonly buffer: Buffer;
  readonly range: Range;
  readonly isWrite: boolean;
  /** Equal for accesses that give each byte to the same part, whatever their number; undefined: any part may touch any. */
  readonly key: string | undefined;
}

export function accessesOf(step: Step, split: Split | undefined, most: number): readonly Access[] {
  return step.args.flatMap((arg): readonly Access[] => {
    const { view } = arg;
    if (view === undefined || view.buffer.role === 'constant' || arg.access === 'scratch') return [];
    const range = { low: view.offset, high: view.offset + view.bytes };
    return [{ buffer: view.buffer, range, isWrite: arg.access !== 'read', key: keyOf(arg, split, most) }];
  });
}

function keyOf(arg: Arg, split: Split | undefined, most: number): string | undefined {
  if (split === undefined) return 'one part';
  if (split.args[arg.name]?.touches !== 'own') return undefined;
  const bounds: number[] = [];
  for (let parts = 1; parts <= most; parts++)
    for (let part = 0; part < parts; part++) {
      const { low, high } = touched(arg, split, part, parts, most);
      bounds.push(...(high > low ? [low, high] : [0, 0]));
    }
  return bounds.join(' ');
}

/** Whether parts may make both without a barrier between. */
export function mayMeet(a: Access, b: Access): boolean {
  if (a.buffer !== b.buffer || (!a.isWrite && !b.isWrite)) return true;
  if (a.range.high <= b.range.low || b.range.high <= a.range.low) return true;
  return a.key !== undefined && a.key === b.key;
}

/** Lifetimes counted in groups: what is touched in a group keeps its bytes for all of it. */
export function groupLifetimes(program: Pick<Program, 'body'>, parts: Parts): readonly Lifetime[] {
  const group = stepsOf(program.body).map((step) => parts.groups.get(step) ?? 0);
  const inGroups = (indices: readonly number[]) => [...new Set(indices.map((i) => group[i]))];
  const lives = lifetimes(program).map((life) => ({
    ...life,
    first: group[life.first],
    last: group[life.last],
    reads: inGroups(life.reads),
    writes: inGroups(life.writes),
  }));
  const last = group.at(-1) ?? 0;
  return [...lives, { buffer: parts.barrier, first: 0, last, reads: [], writes: [0, last], slack: 0 }];
}

/** Results that may lie over an operand: each part overwrites what it alone has read in this group. */
export function groupPairs(program: Pick<Program, 'body'>, parts: Parts): readonly InPlacePair[] {
  const steps = stepsOf(program.body);
  const lives = new Map(lifetimes(program).map((life) => [life.buffer, life]));
  return steps.flatMap((step, index) => {
    const pair = inPlacePair(step);
    if (pair === undefined) return [];
    const [from, to] = [lives.get(pair.from), lives.get(pair.to)];
    if (from?.last !== index || to?.first !== index) return [];
    const group = steps.filter((s) => parts.groups.get(s) === parts.groups.get(step));
    const keys = group.flatMap((s) =>
      accessesOf(s, parts.splits.get(s), parts.most).flatMap((a) =>
        a.buffer === pair.from || a.buffer === pair.to ? [a.key] : [],
      ),
    );
    return keys.every((key) => key !== undefined && key === keys[0]) ? [pair] : [];
  });
}

/** Says which steps would disturb each other; undefined where no part touches what another one writes at the same time. */
export function partsFault(program: PlacedProgram): string | undefined {
  const { parts } = program;
  if (parts === undefined) return undefined;
  const groups = new Map<number, { step: Step; index: number }[]>();
  for (const [index, step] of stepsOf(program.body).entries()) {
    const group = parts.groups.get(step) ?? 0;
    groups.set(group, [...(groups.get(group) ?? []), { step, index }]);
  }
  for (const group of groups.values())
    for (let count = 1; count <= parts.most; count++) {
      const fault = clash(spotsOf(program, parts, group, count));
      if (fault !== undefined) return `${fault} at the same time, with ${count} parts`;
    }
  return undefined;
}

/** In the place of a part's number: the barrier, and all parts of a step that meet within it. */
const MEETING = -1;
const TOGETHER = -2;

interface Spot extends Range {
  readonly part: number;
  readonly isWrite: boolean;
  readonly index: number;
  readonly space: unknown;
}

function spotsOf(
  program: PlacedProgram,
  { splits, most, barrier }: Parts,
  group: readonly { readonly step: Step; readonly index: number }[],
  count: number,
): Spot[] {
  const start = (buffer: ArenaBuffer) => program.offsets.get(buffer) ?? 0;
  const spots: Spot[] = [
    {
      part: MEETING,
      isWrite: true,
      index: -1,
      space: 'arena',
      low: start(barrier),
      high: start(barrier) + barrier.bytes,
    },
  ];
  for (const { step, index } of group)
    for (let part = 0; part < count; part++)
      for (const arg of step.args) {
        const buffer = arg.view?.buffer;
        if (buffer === undefined || buffer.role === 'constant') continue;
        const split = splits.get(step);
        const { low, high } = touched(arg, split, part, count, most);
        if (high <= low) continue;
        // The kernel sees to its own parts: to other steps they are one.
        const who = split?.args[arg.name]?.touches === 'met' ? TOGETHER : part;
        const inArena = buffer.role === 'value' || buffer.role === 'scratch';
        const at = inArena ? start(buffer) : 0;
        const space = inArena ? 'arena' : buffer;
        spots.push({ part: who, isWrite: arg.access !== 'read', index, space, low: at + low, high: at + high });
      }
  return spots;
}

function clash(spots: readonly Spot[]): string | undefined {
  let open: Spot[] = [];
  for (const spot of spots.toSorted((a, b) => a.low - b.low)) {
    open = open.filter((o) => o.high > spot.low);
    for (const other of open)
      if (other.space === spot.space && other.part !== spot.part && (other.isWrite || spot.isWrite))
        return `steps ${other.index} and ${spot.index} touch byte ${spot.low}`;
    open.push(spot);
  }
  return undefined;
}
