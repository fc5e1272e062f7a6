/**
 * Several memories instead of one arena: which buffer goes into which, and where in it. Invariant: what a region holds fits
 * its size; offsets count through all regions end to end, each beginning at its `start`.
 */
import { type Arena, DEFAULT_ALIGN, place, placementProblem } from './arena.js';
import { type Lifetime, lifetimes } from './liveness.js';
import { alignUp, type PlacementProblem } from './placement.js';
import { callsOf, type Program } from './program.js';

export interface RegionSize {
  readonly name: string;
  /** What tensors may take of it. */
  readonly bytes: number;
}

export interface Region {
  readonly name: string;
  readonly size: number;
  /** Where its offsets begin. */
  readonly start: number;
  readonly bytes: number;
  /** No placement of the buffers it was given can be smaller. */
  readonly lowerBound: number;
}

export interface RegionPlan extends Arena {
  readonly regions: readonly Region[];
}

/** The smallest growth of one region that would make room. */
export interface Shortage {
  readonly region: RegionSize;
  readonly more: number;
}

/** Looks at blocks while buffers are shared out, and once they are. */
const TRY = 2e5;
const EFFORT = 1e7;

/** @param sizes in the order of preference: what is used most per byte goes first. */
export function planRegions(
  program: Program,
  sizes: readonly RegionSize[],
): { readonly plan: RegionPlan } | { readonly shortage: Shortage } {
  const lives = lifetimes(program, program.inputs);
  const problem = placementProblem(program.body, lives);
  const orders = preferences(program, lives);
  const assigned = firstOf(orders, (order) => assign(problem, order, sizes));
  if (assigned === undefined) return { shortage: shortage(problem, orders, sizes) };
  const offsets = new Map<Lifetime['buffer'], number>();
  const regions: Region[] = [];
  let start = 0;
  for (const [k, { name, bytes: size }] of sizes.entries()) {
    const part = assigned[k];
    const placed = placeSome(problem, part, EFFORT / sizes.length);
    for (const [at, i] of part.entries()) offsets.set(lives[i].buffer, start + placed.offsets[at]);
    regions.push({ name, size, start, bytes: placed.bytes, lowerBound: placed.lowerBound });
    start += placed.bytes;
  }
  const lowerBound = regions.reduce((sum, r) => sum + r.lowerBound, 0);
  const align = lives.length === 0 ? DEFAULT_ALIGN : problem.align;
  return { plan: { offsets, bytes: start, align, lowerBound, isOptimal: start === lowerBound, regions } };
}

/** Orders in which buffers choose: by use per byte, by size, and by the time they live. */
function preferences(program: Program, lives: readonly Lifetime[]): readonly (readonly number[])[] {
  const uses = new Map<unknown, number>();
  for (const { step, times } of callsOf(program.body))
    for (const { view } of step.args)
      if (view !== undefined) uses.set(view.buffer, (uses.get(view.buffer) ?? 0) + view.bytes * times);
  const index = lives.map((_, i) => i);
  const by = (key: (life: Lifetime) => number) => [...index].sort((a, b) => key(lives[b]) - key(lives[a]) || a - b);
  return [
    by(({ buffer }) => (uses.get(buffer) ?? 0) / Math.max(1, buffer.bytes)),
    by(({ buffer }) => buffer.bytes),
    by(({ buffer, first, last }) => buffer.bytes * (last - first + 1)),
    by(({ buffer }) => -buffer.bytes),
  ];
}

/** Per region the blocks it gets, each the first in which there is room for it; undefined if one finds none. */
function assign(
  problem: PlacementProblem,
  order: readonly number[],
  sizes: readonly RegionSize[],
): readonly (readonly number[])[] | undefined {
  const parts = sizes.map((): number[] => []);
  for (const i of order) {
    const home = parts.findIndex((part, k) => placeSome(problem, [...part, i], TRY).bytes <= sizes[k].bytes);
    if (home < 0) return undefined;
    parts[home].push(i);
  }
  return parts.map((part) => part.sort((a, b) => a - b));
}

function placeSome(problem: PlacementProblem, part: readonly number[], effort: number) {
  const index = new Map(part.map((i, at) => [i, at]));
  const pair = (a: number, b: number): readonly [number, number] | undefined => {
    const [x, y] = [index.get(a), index.get(b)];
    return x === undefined || y === undefined ? undefined : [x, y];
  };
  return place(
    {
      blocks: part.map((i) => problem.blocks[i]),
      pairs: problem.pairs.flatMap(([a, b]) => {
        const found = pair(a, b);
        return found === undefined ? [] : [found];
      }),
      gaps: problem.gaps.flatMap((gap) => {
        const found = pair(gap.lower, gap.upper);
        return found === undefined ? [] : [{ lower: found[0], upper: found[1], distance: gap.distance }];
      }),
      align: problem.align,
    },
    effort,
  );
}

/** For each region, the others as they are: the least it would have to grow. */
function shortage(
  problem: PlacementProblem,
  orders: readonly (readonly number[])[],
  sizes: readonly RegionSize[],
): Shortage {
  const grown = (k: number, more: number) => sizes.map((s, i) => (i === k ? { ...s, bytes: s.bytes + more } : s));
  const fits = (k: number, more: number) =>
    firstOf(orders, (order) => assign(problem, order, grown(k, more))) !== undefined;
  let best: Shortage | undefined;
  for (const [k, region] of sizes.entries()) {
    let [low, high] = [
      0,
      alignUp(
        problem.blocks.reduce((sum, b) => sum + b.size + b.slack, 0),
        problem.align,
      ),
    ];
    if (best !== undefined) high = Math.min(high, best.more);
    if (!fits(k, high)) continue;
    while (high - low > problem.align) {
      const middle = alignUp((low + high) / 2, problem.align);
      if (middle >= high) break;
      if (fits(k, middle)) high = middle;
      else low = middle;
    }
    // A region that is no multiple of the alignment has room for less than its size.
    if (best === undefined || high < best.more) best = { region, more: high };
  }
  if (best === undefined) throw new Error('a region as large as all buffers has room for none');
  return best;
}

function firstOf<T, R>(list: readonly T[], of: (item: T) => R | undefined): R | undefined {
  for (const item of list) {
    const found = of(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
