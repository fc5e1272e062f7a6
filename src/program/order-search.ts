/**
 * Orders with a low memory peak. Invariant: the answer's peak is never above that of the order given (0, 1, 2, ...), and
 * where no order is better, the given order comes back unchanged.
 */
import { type OrderProblem, Progress, peakOf } from './order-problem.js';

export interface OrderResult {
  readonly order: readonly number[];
  readonly peak: number;
  /** No order has a lower peak. */
  readonly isOptimal: boolean;
}

/** Beam widths tried where the exact search runs out of budget. */
const BEAMS = [1, 8, 32];

/**
 * Splits the items where one is comparable with all others (every order passes through it), then searches each stretch
 * between two such items on its own. `effort` bounds the looks at one item.
 */
export function searchOrder(problem: OrderProblem, effort: number): OrderResult {
  const given = Array.from({ length: problem.count }, (_, i) => i);
  const peak = peakOf(problem, given);
  const stretches = stretchesOf(problem);
  const progress = new Progress(problem);
  const answers = stretches.map((stretch) => {
    const answer = searchStretch(problem, progress, stretch, effort / stretches.length);
    for (const item of stretch) progress.do(item);
    return answer;
  });
  const reached = Math.max(0, ...answers.map((a) => a.peak));
  const isOptimal = answers.every((a) => a.isOptimal || a.lowerBound >= reached);
  if (reached >= peak) return { order: given, peak, isOptimal };
  const order = stretches.flatMap((stretch, s) => (answers[s].givenPeak <= reached ? stretch : answers[s].order));
  return { order, peak: reached, isOptimal };
}

/** Consecutive runs of the given order, cut around every item that all orders pass through at the same place. */
function stretchesOf(problem: OrderProblem): number[][] {
  const { count, before, after } = problem;
  const ancestors = closure(
    before,
    Array.from({ length: count }, (_, i) => i),
  );
  const descendants = closure(
    after,
    Array.from({ length: count }, (_, i) => count - 1 - i),
  );
  const stretches: number[][] = [];
  let run: number[] = [];
  for (let i = 0; i < count; i++) {
    if (ancestors[i] + descendants[i] === count - 1) {
      if (run.length > 0) stretches.push(run);
      stretches.push([i]);
      run = [];
    } else run.push(i);
  }
  if (run.length > 0) stretches.push(run);
  return stretches;
}

/** How many items each item reaches; `order` visits an item after those it points at. */
function closure(links: readonly (readonly number[])[], order: readonly number[]): number[] {
  const words = Math.ceil(order.length / 32);
  const sets = order.map(() => new Uint32Array(words));
  const sizes = order.map(() => 0);
  for (const i of order) {
    for (const j of links[i]) {
      for (let w = 0; w < words; w++) sets[i][w] |= sets[j][w];
      sets[i][j >>> 5] |= 1 << (j & 31);
    }
    for (let w = 0; w < words; w++) sizes[i] += bitCount(sets[i][w]);
  }
  return sizes;
}

function bitCount(word: number): number {
  let n = 0;
  for (let w = word; w !== 0; w &= w - 1) n++;
  return n;
}

interface StretchAnswer extends OrderResult {
  readonly givenPeak: number;
  readonly lowerBound: number;
}

/** A way to some set of done items. */
interface State {
  readonly progress: Progress;
  readonly path: Path | undefined;
  readonly peak: number;
  readonly serial: number;
}
interface Path {
  readonly item: number;
  readonly previous: Path | undefined;
}

function searchStretch(
  problem: OrderProblem,
  start: Progress,
  stretch: readonly number[],
  effort: number,
): StretchAnswer {
  const given = walk(start, stretch);
  // Every order runs every item with at least what is live all the way through.
  let lowerBound = 0;
  const through = liveThrough(problem, start, stretch);
  for (const item of stretch) lowerBound = Math.max(lowerBound, through + aloneNeed(problem, start, stretch, item));
  const fixed = { order: stretch, peak: given, givenPeak: given, lowerBound };
  if (stretch.length === 1 || given <= lowerBound) return { ...fixed, isOptimal: true };
  const space = new Stretch(problem, start, stretch, lowerBound);
  const exact = space.bestFirst(given, effort / 2);
  if (exact.isExhausted) return { ...fixed, order: exact.order ?? stretch, peak: exact.peak, isOptimal: true };
  let best = { order: stretch, peak: given };
  const share = effort / 2 / BEAMS.reduce((sum, width) => sum + width, 0);
  for (const width of BEAMS) {
    const order = space.beam(width, best.peak, share * width);
    const peak = order === undefined ? Infinity : walk(start, order);
    if (order !== undefined && peak < best.peak) best = { order, peak };
  }
  for (const order of space.depthFirst()) {
    const peak = walk(start, order);
    if (peak < best.peak) best = { order, peak };
  }
  return { ...fixed, ...best, isOptimal: best.peak <= lowerBound };
}

/** Peak of running `items` from `start`. */
function walk(start: Progress, items: readonly number[]): number {
  const progress = start.copy();
  let peak = 0;
  for (const item of items) {
    peak = Math.max(peak, progress.cost(item).peak);
    progress.do(item);
  }
  return peak;
}

/** Bytes live at the start that no item of the stretch touches. */
function liveThrough(problem: OrderProblem, start: Progress, stretch: readonly number[]): number {
  const touched = new Set(stretch.flatMap((item) => problem.touches[item]));
  let live = start.live;
  for (const buffer of touched) if (start.isLive(buffer)) live -= problem.bytes[buffer];
  return live;
}

/** The item's own arguments, an overlay taken as used. */
function aloneNeed(problem: OrderProblem, start: Progress, stretch: readonly number[], item: number): number {
  const pair = problem.pair[item];
  const needs = problem.touches[item].reduce((sum, b) => sum + problem.bytes[b], problem.own[item]);
  return stretch.includes(item) && !start.isReady(item) && pair === undefined
    ? needs
    : needs - (pair === undefined ? 0 : problem.bytes[pair.to]);
}

class Stretch {
  constructor(
    private readonly problem: OrderProblem,
    private readonly start: Progress,
    private readonly items: readonly number[],
    private readonly lowerBound: number,
  ) {}

  /**
   * Moves worth trying. An item that raises neither the peak nor what is live afterwards can always go first: doing it
   * early leaves every later set of live buffers no larger.
   */
  #moves(state: State, limit: number): { item: number; peak: number; growth: number }[] {
    const moves: { item: number; peak: number; growth: number }[] = [];
    const calm = Math.max(state.peak, this.lowerBound);
    for (const item of this.items) {
      if (!state.progress.isReady(item)) continue;
      const { peak, growth } = state.progress.cost(item);
      if (growth <= 0 && peak <= calm) return [{ item, peak, growth }];
      if (peak < limit) moves.push({ item, peak, growth });
    }
    return moves;
  }

  #key(progress: Progress): string {
    let key = '';
    for (let at = 0; at < this.items.length; at += 15) {
      let word = 0;
      for (let k = at; k < Math.min(at + 15, this.items.length); k++) word = word * 2 + progress.done[this.items[k]];
      key += String.fromCharCode(word);
    }
    return key;
  }

  #isComplete(state: State): boolean {
    return state.progress.doneCount === this.start.doneCount + this.items.length;
  }

  #step(state: State, item: number, peak: number, serial: number): State {
    const progress = state.progress.copy();
    progress.do(item);
    return { progress, path: { item, previous: state.path }, peak: Math.max(state.peak, peak), serial };
  }

  /** Lowest peak first over sets of done items: the first complete one is the best. Looks only below `limit`. */
  bestFirst(
    limit: number,
    effort: number,
  ): { isExhausted: boolean; peak: number; order: readonly number[] | undefined } {
    const heap = new Heap<State>(
      (a, b) => a.peak - b.peak || b.progress.doneCount - a.progress.doneCount || a.serial - b.serial,
    );
    heap.push({ progress: this.start, path: undefined, peak: 0, serial: 0 });
    const seen = new Set<string>();
    let serial = 0;
    let left = effort;
    for (let state = heap.pop(); state !== undefined; state = heap.pop()) {
      if (this.#isComplete(state)) return { isExhausted: true, peak: state.peak, order: pathItems(state.path) };
      const key = this.#key(state.progress);
      if (seen.has(key)) continue;
      seen.add(key);
      const moves = this.#moves(state, limit);
      left -= this.items.length + moves.length * this.problem.count;
      if (left < 0) return { isExhausted: false, peak: limit, order: undefined };
      for (const { item, peak } of moves) heap.push(this.#step(state, item, peak, ++serial));
    }
    return { isExhausted: true, peak: limit, order: undefined };
  }

  /** Keeps the `width` most promising sets after every item; undefined if none stays below `limit` or effort runs out. */
  beam(width: number, limit: number, effort: number): readonly number[] | undefined {
    let states: State[] = [{ progress: this.start, path: undefined, peak: 0, serial: 0 }];
    let left = effort;
    for (const _ of this.items) {
      const next = new Map<string, State>();
      let serial = 0;
      for (const state of states) {
        const moves = this.#moves(state, limit).sort((a, b) => a.peak - b.peak || a.growth - b.growth);
        for (const { item, peak } of moves.slice(0, width + 2)) {
          left -= this.problem.count;
          const made = this.#step(state, item, peak, serial++);
          const key = this.#key(made.progress);
          const known = next.get(key);
          if (known === undefined || made.peak < known.peak) next.set(key, made);
        }
        left -= this.items.length;
      }
      if (left < 0) return undefined;
      states = [...next.values()]
        .sort((a, b) => a.peak - b.peak || a.progress.live - b.progress.live || a.serial - b.serial)
        .slice(0, width);
    }
    return states.length === 0 ? undefined : pathItems(states[0].path);
  }

  /** Orders that finish what one result needs before they begin the next, in several orders of branches. */
  depthFirst(): readonly (readonly number[])[] {
    const inside = new Set(this.items);
    const need = (item: number) =>
      this.problem.touches[item].reduce((sum, b) => sum + this.problem.bytes[b], this.problem.own[item]);
    const choices = [
      (a: number, b: number) => a - b,
      (a: number, b: number) => b - a,
      (a: number, b: number) => need(b) - need(a) || a - b,
      (a: number, b: number) => need(a) - need(b) || a - b,
    ];
    return choices.map((choice) => {
      const order: number[] = [];
      const seen = new Set<number>();
      const sinks = this.items.filter((i) => !this.problem.after[i].some((j) => inside.has(j))).sort(choice);
      const stack = sinks.reverse().map((item) => ({ item, isOpen: false }));
      for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
        const { item, isOpen } = top;
        if (isOpen) order.push(item);
        else if (!seen.has(item)) {
          seen.add(item);
          stack.push({ item, isOpen: true });
          const needed = this.problem.before[item].filter((j) => inside.has(j) && !seen.has(j)).sort(choice);
          for (const j of needed.reverse()) stack.push({ item: j, isOpen: false });
        }
      }
      return order;
    });
  }
}

function pathItems(path: Path | undefined): readonly number[] {
  const items: number[] = [];
  for (let at = path; at !== undefined; at = at.previous) items.push(at.item);
  return items.reverse();
}

class Heap<T> {
  readonly #items: T[] = [];
  constructor(private readonly compare: (a: T, b: T) => number) {}

  push(item: T): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    for (let up = (at - 1) >> 1; at > 0 && this.compare(item, items[up]) < 0; at = up, up = (at - 1) >> 1)
      items[at] = items[up];
    items[at] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return first;
    let at = 0;
    for (let child = 1; child < items.length; child = 2 * at + 1) {
      if (child + 1 < items.length && this.compare(items[child + 1], items[child]) < 0) child++;
      if (this.compare(last, items[child]) <= 0) break;
      items[at] = items[child];
      at = child;
    }
    items[at] = last;
    return first;
  }
}
