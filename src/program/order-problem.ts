/**
 * The order of a Program's items as a problem of its own: which item must follow which, and what each order costs in
 * live bytes. Invariant: a buffer's live bytes depend on the set of items done, not on their order, so the set alone
 * tells a search where it is.
 */
import { inPlacePair, stepsWithShift } from './liveness.js';
import { type ArenaBuffer, type Buffer, type Item, stepsOf } from './program.js';

export interface OrderProblem {
  readonly count: number;
  /** Index of the first of the given items: where inputs lie in the arena, the caller who fills them comes before. */
  readonly first: number;
  /** Items that must come before and after item `i`. */
  readonly before: readonly (readonly number[])[];
  readonly after: readonly (readonly number[])[];
  /** Arena buffers an item touches that other items touch too. */
  readonly touches: readonly (readonly number[])[];
  /** Bytes only this item touches: its scratch, results nobody reads. */
  readonly own: readonly number[];
  /** Buffers the item may overlay. */
  readonly pair: readonly ({ readonly from: number; readonly to: number } | undefined)[];
  /** Bytes of a buffer, rounded up to its alignment, and how many items touch it. */
  readonly bytes: readonly number[];
  readonly users: readonly number[];
}

interface Access {
  readonly item: number;
  readonly low: number;
  readonly high: number;
  readonly isWrite: boolean;
}

/** What a caller does with buffers of the arena before the first item, or after the last. */
type Visit = readonly ArenaBuffer[];

/**
 * Items whose accesses to overlapping bytes of any buffer include a write keep their order. Where inputs or outputs lie in the
 * arena, the caller is two more items: one before all others that fills the inputs, one after them that reads the outputs.
 */
export function orderProblem(given: readonly Item[]): OrderProblem {
  const held = heldBuffers(given);
  const fill: Visit = held.filter((b) => b.caller === 'input');
  const read: Visit = held.filter((b) => b.caller === 'output');
  const items: readonly (Item | Visit)[] = held.length === 0 ? given : [fill, ...given, read];
  const before = items.map(() => new Set<number>());
  const after = items.map(() => new Set<number>());
  const earlier = new Map<Buffer, Access[]>();
  const users = new Map<ArenaBuffer, Set<number>>();
  for (const [item, tree] of items.entries()) {
    if (!('kind' in tree)) {
      for (let other = 0; other < item; other++) {
        before[item].add(other);
        after[other].add(item);
      }
      for (const buffer of tree) users.set(buffer, (users.get(buffer) ?? new Set()).add(item));
      continue;
    }
    if (held.length > 0) {
      before[item].add(0);
      after[0].add(item);
    }
    const mine: { buffer: Buffer; access: Access }[] = [];
    for (const { step, shift } of stepsWithShift(tree))
      for (const { view, access } of step.args) {
        if (view === undefined || view.buffer.role === 'constant') continue;
        const { buffer, offset, bytes } = view;
        const { low, high } = shift(view);
        mine.push({
          buffer,
          access: { item, low: offset + low, high: offset + bytes + high, isWrite: access !== 'read' },
        });
        if (buffer.role === 'value' || buffer.role === 'scratch') {
          const set = users.get(buffer) ?? new Set<number>();
          users.set(buffer, set.add(item));
        }
      }
    for (const { buffer, access } of mine)
      for (const other of earlier.get(buffer) ?? [])
        if ((access.isWrite || other.isWrite) && access.low < other.high && other.low < access.high) {
          before[item].add(other.item);
          after[other.item].add(item);
        }
    for (const { buffer, access } of mine) {
      const list = earlier.get(buffer) ?? [];
      if (list.length === 0) earlier.set(buffer, list);
      list.push(access);
    }
  }
  const first = held.length === 0 ? 0 : 1;
  return {
    count: items.length,
    first,
    before: before.map(toArray),
    after: after.map(toArray),
    ...memory(items, users),
  };
}

function heldBuffers(items: readonly Item[]): readonly ArenaBuffer[] {
  const buffers = stepsOf(items).flatMap((step) => step.args.flatMap(({ view }) => view?.buffer ?? []));
  return [...new Set(buffers)].flatMap((b) => ((b.role === 'value' || b.role === 'scratch') && b.caller ? [b] : []));
}

function toArray(set: ReadonlySet<number>): readonly number[] {
  return [...set].sort((a, b) => a - b);
}

function memory(items: readonly (Item | Visit)[], users: ReadonlyMap<ArenaBuffer, ReadonlySet<number>>) {
  const touches = items.map((): number[] => []);
  const own = items.map(() => 0);
  const index = new Map<ArenaBuffer, number>();
  const room = (buffer: ArenaBuffer) => Math.ceil(buffer.bytes / buffer.align) * buffer.align;
  for (const [buffer, set] of users) {
    if (set.size > 1) index.set(buffer, index.size);
    for (const item of set) {
      const at = index.get(buffer);
      if (at === undefined) own[item] += room(buffer);
      else touches[item].push(at);
    }
  }
  const shared = [...index.keys()];
  const pair = items.map((item) => {
    const found = 'kind' in item ? inPlacePair(item) : undefined;
    const from = found && index.get(found.from);
    const to = found && index.get(found.to);
    return from === undefined || to === undefined ? undefined : { from, to };
  });
  return { touches, own, pair, bytes: shared.map(room), users: shared.map((b) => users.get(b)?.size ?? 0) };
}

/** The items done so far and the bytes their results hold. */
export class Progress {
  readonly done: Uint8Array;
  /** Items that still wait for others: how many of them. */
  readonly #blockers: Int32Array;
  /** Users of a buffer that are not done. */
  readonly #left: Int32Array;
  live = 0;
  doneCount = 0;

  constructor(private readonly problem: OrderProblem) {
    this.done = new Uint8Array(problem.count);
    this.#blockers = Int32Array.from(problem.before, (list) => list.length);
    this.#left = Int32Array.from(problem.users);
  }

  isReady(item: number): boolean {
    return this.done[item] === 0 && this.#blockers[item] === 0;
  }

  /** Some users of the buffer are done, others still wait. */
  isLive(buffer: number): boolean {
    return this.#left[buffer] > 0 && this.#left[buffer] < this.problem.users[buffer];
  }

  /** Live bytes while `item` runs, and by how much they have grown once it is done. */
  cost(item: number): { readonly peak: number; readonly growth: number } {
    const { touches, own, bytes, users, pair } = this.problem;
    let born = 0;
    let freed = 0;
    for (const buffer of touches[item]) {
      if (this.#left[buffer] === users[buffer]) born += bytes[buffer];
      if (this.#left[buffer] === 1) freed += bytes[buffer];
    }
    const overlay = pair[item];
    const isOverlaid =
      overlay !== undefined && this.#left[overlay.from] === 1 && this.#left[overlay.to] === users[overlay.to];
    const saved = isOverlaid ? bytes[overlay.to] : 0;
    return { peak: this.live + born + own[item] - saved, growth: born - freed };
  }

  do(item: number): void {
    this.live += this.cost(item).growth;
    this.done[item] = 1;
    this.doneCount++;
    for (const next of this.problem.after[item]) this.#blockers[next]--;
    for (const buffer of this.problem.touches[item]) this.#left[buffer]--;
  }

  copy(): Progress {
    const copy = new Progress(this.problem);
    copy.done.set(this.done);
    copy.#blockers.set(this.#blockers);
    copy.#left.set(this.#left);
    copy.live = this.live;
    copy.doneCount = this.doneCount;
    return copy;
  }
}

/** Most live bytes at any time under this order: no arena can be smaller. */
export function peakOf(problem: OrderProblem, order: readonly number[]): number {
  const progress = new Progress(problem);
  let peak = 0;
  for (const item of order) {
    peak = Math.max(peak, progress.cost(item).peak);
    progress.do(item);
  }
  return peak;
}
