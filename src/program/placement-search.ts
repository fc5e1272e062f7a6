/**
 * Exact placement by branch and bound. Invariant: among all placements below a capacity, the one with the smallest sum
 * of offsets is never cut off, so an exhausted search proves that none exists.
 *
 * That placement, its blocks taken by ascending offset, has two properties the search relies on. Every block lies at 0,
 * directly above a block it conflicts with, or in place of its partner (else it could sink). And no block is placed
 * above a hole that some later block fits into entirely (else that one could sink into it).
 */

import { alignUp, type Conflicts, greedyOrders } from './placement.js';
import { overlaySteps, savingOf } from './placement-bound.js';

export type Answer =
  | { readonly kind: 'found'; readonly offsets: readonly number[] }
  | { readonly kind: 'impossible' }
  | { readonly kind: 'unknown' };

export interface SearchBudget {
  /** Search nodes left; the search counts them down. */
  nodes: number;
}

/** Is there a placement whose arena takes at most `capacity` bytes (a multiple of the problem's align)? */
export function searchPlacement(problem: Conflicts, capacity: number, budget: SearchBudget): Answer {
  const { blocks } = problem;
  const solid = blocks.flatMap((b, i) => (b.size > 0 ? [i] : []));
  if (blocks.some((b) => b.size + b.slack > capacity)) return { kind: 'impossible' };
  const { kept, peeled } = peel(problem, solid, capacity);
  const offsets = new Array<number>(blocks.length).fill(-1);
  for (const part of components(problem, kept)) {
    const answer = searchPart(problem, part, capacity, budget);
    if (answer.kind !== 'found') return answer;
    for (const [at, i] of part.entries()) offsets[i] = answer.offsets[at];
  }
  const rest = [...kept.filter((i) => offsets[i] >= 0).sort((a, b) => offsets[a] - offsets[b]), ...peeled.reverse()];
  return { kind: 'found', offsets: completed(problem, offsets, rest) };
}

/** Adds the peeled blocks, each in the lowest hole, to the placed ones; empty blocks go to 0. */
function completed(problem: Conflicts, offsets: readonly number[], order: readonly number[]): readonly number[] {
  const placed = [...offsets];
  for (const i of order) {
    if (placed[i] >= 0) continue;
    const others = problem.near[i].filter((j) => placed[j] >= 0);
    const spans = others.map((j) => [placed[j], placed[j] + problem.blocks[j].size]).sort((a, b) => a[0] - b[0]);
    let at = 0;
    for (const [low, high] of spans) {
      if (at + problem.blocks[i].size <= low) break;
      at = Math.max(at, alignUp(high, problem.blocks[i].align));
    }
    placed[i] = at;
  }
  return placed.map((at) => Math.max(at, 0));
}

/**
 * Blocks that fit whatever the others do: even if their neighbours leave the free space in as many holes as they can,
 * one hole is large enough. Repeated, because a peeled block is nobody's neighbour any more. Needs one common alignment.
 */
function peel(problem: Conflicts, solid: readonly number[], capacity: number): { kept: number[]; peeled: number[] } {
  const { blocks, near } = problem;
  const kept = new Set(solid);
  const peeled: number[] = [];
  const align = blocks[solid[0] ?? 0]?.align ?? 1;
  if (solid.some((i) => blocks[i].align !== align)) return { kept: [...kept], peeled };
  const room = (i: number) => alignUp(blocks[i].size, align);
  for (let again = true; again; ) {
    again = false;
    for (const i of [...kept]) {
      const others = near[i].filter((j) => kept.has(j));
      const taken = others.reduce((sum, j) => sum + room(j), 0);
      const free = capacity - alignUp(blocks[i].slack, align) - taken;
      if (free <= (others.length + 1) * (room(i) - align)) continue;
      kept.delete(i);
      peeled.push(i);
      again = true;
    }
  }
  return { kept: [...kept], peeled };
}

/** Sets of blocks with no conflict between them. */
function components(problem: Conflicts, kept: readonly number[]): number[][] {
  const left = new Set(kept);
  const parts: number[][] = [];
  for (const start of kept) {
    if (!left.delete(start)) continue;
    const part = [start];
    for (let at = 0; at < part.length; at++) for (const j of problem.near[part[at]]) if (left.delete(j)) part.push(j);
    parts.push(part.sort((a, b) => a - b));
  }
  return parts;
}

/** Tries the greedy orders as branching orders in turns of growing length, so that one bad order cannot eat the budget. */
function searchPart(problem: Conflicts, part: readonly number[], capacity: number, budget: SearchBudget): Answer {
  const orders = greedyOrders(
    problem,
    part.map((i) => [i]),
  ).map((units) => units.map(([i]) => i));
  for (let turn = 250; budget.nodes > 0; turn *= 4)
    for (const order of orders) {
      const allowance = { nodes: Math.min(turn, budget.nodes) };
      budget.nodes -= allowance.nodes;
      const answer = new Search(problem, part, order, capacity, allowance).run();
      budget.nodes += allowance.nodes;
      if (answer.kind !== 'unknown') return answer;
      if (budget.nodes <= 0) break;
    }
  return { kind: 'unknown' };
}

interface Candidate {
  /** Index in the part. */
  readonly i: number;
  readonly at: number;
  readonly isJoin: boolean;
}

/** Indices are positions in `part` from here on. */
class Search {
  readonly #n: number;
  readonly #size: readonly number[];
  readonly #reach: readonly number[];
  readonly #align: readonly number[];
  readonly #near: readonly (readonly number[])[];
  /** How far above the beginning of a block each of its neighbours must begin, and it above each of theirs. */
  readonly #reachOf: readonly (readonly number[])[];
  readonly #clearOf: readonly (readonly number[])[];
  /** Bytes a block adds to each of its moments, at least. */
  readonly #rooms: readonly (readonly number[])[];
  readonly #partners: readonly (readonly number[])[];
  readonly #rank: readonly number[];
  /** Moments a block takes room of its own in. */
  readonly #moments: readonly (readonly number[])[];
  readonly #unit: number;
  readonly #offsets: number[];
  /** Lowest offset above everything placed that a block conflicts with. */
  readonly #base: number[];
  /** Conflicting blocks that are not placed yet: what may still push a block up. */
  readonly #waiting: number[];
  /** Per moment: top of what is placed, bytes of what is not. */
  readonly #height: number[];
  readonly #rest: number[];

  constructor(
    problem: Conflicts,
    part: readonly number[],
    order: readonly number[],
    private readonly capacity: number,
    private readonly budget: SearchBudget,
  ) {
    const blocks = part.map((i) => problem.blocks[i]);
    const index = new Map(part.map((i, at) => [i, at]));
    const inPart = (list: readonly number[]) => list.flatMap((j) => index.get(j) ?? []);
    this.#n = part.length;
    this.#size = blocks.map((b) => b.size);
    this.#reach = blocks.map((b) => b.size + b.slack);
    this.#align = blocks.map((b) => b.align);
    this.#near = part.map((i) => inPart(problem.near[i]));
    this.#reachOf = part.map((i) => problem.near[i].flatMap((j, k) => (index.has(j) ? [problem.reach[i][k]] : [])));
    this.#clearOf = part.map((i) => problem.near[i].flatMap((j, k) => (index.has(j) ? [problem.clear[i][k]] : [])));
    this.#partners = part.map((i) => inPart(problem.partners[i]));
    const rank = new Array<number>(this.#n).fill(0);
    for (const [r, i] of order.entries()) rank[index.get(i) ?? 0] = r;
    this.#rank = rank;
    this.#unit = Math.min(...this.#align);
    this.#offsets = blocks.map(() => -1);
    this.#base = blocks.map(() => 0);
    this.#waiting = this.#near.map((list) => list.length);
    const overlays = overlaySteps(problem);
    const times = [
      ...new Set(blocks.flatMap((b) => [b.first, ...(overlays.has(b) && b.last > b.first ? [b.first + 1] : [])])),
    ];
    const holds = (at: number, time: number) =>
      blocks[at].first <= time && time <= blocks[at].last && overlays.get(blocks[at]) !== time;
    this.#moments = blocks.map((_, at) => times.flatMap((time, m) => (holds(at, time) ? [m] : [])));
    this.#height = times.map(() => 0);
    this.#rest = times.map(() => 0);
    const saving = new Map<number, { readonly of: number; readonly bytes: number }[]>();
    for (const gap of problem.gaps) {
      const [lower, upper] = [index.get(gap.lower), index.get(gap.upper)];
      if (lower === undefined || upper === undefined) continue;
      const bytes = Math.min(savingOf(problem, gap), problem.blocks[gap.upper].size);
      saving.set(upper, [...(saving.get(upper) ?? []), { of: lower, bytes }]);
    }
    this.#rooms = blocks.map((_, at) =>
      this.#moments[at].map((m) => {
        const saved = (saving.get(at) ?? [])
          .filter(({ of }) => this.#moments[of].includes(m))
          .reduce((sum, { bytes }) => sum + bytes, 0);
        const own = this.#roundUp(this.#size[at]);
        return saved === 0 ? own : Math.max(0, Math.floor((this.#size[at] - saved) / this.#unit) * this.#unit);
      }),
    );
    for (let at = 0; at < this.#n; at++)
      for (const [k, m] of this.#moments[at].entries()) this.#rest[m] += this.#rooms[at][k];
  }

  run(): Answer {
    const isFound = this.#descend(0, 0, -1);
    if (isFound) return { kind: 'found', offsets: this.#offsets };
    return { kind: this.budget.nodes > 0 ? 'impossible' : 'unknown' };
  }

  /**
   * `floor`: offset of the block placed last; none may go lower. `rankFloor`: rank of the last block that was placed at
   * that offset without joining one: equal offsets are taken in rank order, as all orders give the same placement.
   */
  #descend(depth: number, floor: number, rankFloor: number): boolean {
    if (depth === this.#n) return true;
    if (this.budget.nodes-- <= 0) {
      this.budget.nodes = 0;
      return false;
    }
    for (let m = 0; m < this.#rest.length; m++)
      if (this.#rest[m] > 0 && this.#roundUp(Math.max(this.#height[m], floor)) + this.#rest[m] > this.capacity)
        return false;
    for (const candidate of this.#candidates(floor, rankFloor)) {
      const { i, at, isJoin } = candidate;
      const undo = this.#place(i, at);
      const nextRank = isJoin ? rankFloor : this.#rank[i];
      if (this.#descend(depth + 1, at, nextRank)) return true;
      undo();
      if (this.budget.nodes <= 0) return false;
    }
    return false;
  }

  #candidates(floor: number, rankFloor: number): readonly Candidate[] {
    const found: Candidate[] = [];
    let lowestEnd = Infinity;
    for (let i = 0; i < this.#n; i++) {
      if (this.#offsets[i] >= 0) continue;
      const canJoin = this.#canJoin(i, floor);
      const base = this.#base[i];
      const free = base >= floor ? base : alignUp(floor, this.#align[i]);
      const lowest = canJoin ? floor : free;
      if (lowest + this.#reach[i] > this.capacity) return [];
      if (base < floor && !canJoin && this.#waiting[i] === 0) return [];
      lowestEnd = Math.min(lowestEnd, lowest + this.#size[i]);
      if (canJoin) found.push({ i, at: floor, isJoin: true });
      if (base < floor || free + this.#reach[i] > this.capacity) continue;
      if (base > floor || this.#rank[i] > rankFloor) found.push({ i, at: base, isJoin: false });
    }
    return found
      .filter((c) => c.at < lowestEnd)
      .sort((a, b) => a.at - b.at || this.#rank[a.i] - this.#rank[b.i] || Number(b.isJoin) - Number(a.isJoin));
  }

  /** Whether `i` may start exactly at `floor`, in place of a partner that was put there. */
  #canJoin(i: number, floor: number): boolean {
    const hosts = this.#partners[i].filter((p) => this.#offsets[p] === floor);
    if (hosts.length === 0 || floor % this.#align[i] !== 0) return false;
    return this.#near[i].every((j, k) => {
      const at = this.#offsets[j];
      return at < 0 || hosts.includes(j) || at + this.#clearOf[i][k] <= floor;
    });
  }

  #place(i: number, at: number): () => void {
    const end = at + this.#size[i];
    const bases = this.#near[i].map((j) => this.#base[j]);
    const heights = this.#moments[i].map((m) => this.#height[m]);
    this.#offsets[i] = at;
    for (const [k, j] of this.#near[i].entries()) {
      this.#base[j] = Math.max(this.#base[j], alignUp(at + this.#reachOf[i][k], this.#align[j]));
      this.#waiting[j]--;
    }
    for (const [k, m] of this.#moments[i].entries()) {
      this.#height[m] = Math.max(this.#height[m], end);
      this.#rest[m] -= this.#rooms[i][k];
    }
    return () => {
      this.#offsets[i] = -1;
      for (const [k, j] of this.#near[i].entries()) {
        this.#base[j] = bases[k];
        this.#waiting[j]++;
      }
      for (const [k, m] of this.#moments[i].entries()) {
        this.#height[m] = heights[k];
        this.#rest[m] += this.#rooms[i][k];
      }
    };
  }

  #roundUp(bytes: number): number {
    return alignUp(bytes, this.#unit);
  }
}
