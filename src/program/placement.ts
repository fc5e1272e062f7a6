/**
 * Offsets for blocks that live for a range of steps: the problem, its greedy solutions and local search over them.
 * Invariant: only counts of work steer the search, never a clock or a random source, so equal problems get equal offsets.
 */

export interface Block {
  /** Bytes, 0 or more. */
  readonly size: number;
  /** Power of two. */
  readonly align: number;
  /** Bytes past the end that must exist in the arena but may belong to anybody. */
  readonly slack: number;
  /** Steps during which it lives, both included. */
  readonly first: number;
  readonly last: number;
}

/**
 * `pairs` are [from, to]: `to` is no larger, begins in the step where `from` ends, and may start at exactly the same
 * offset; a block is at most once a `from` and once a `to`. `align` is a multiple of every block's: the arena ends there.
 */
export interface PlacementProblem {
  readonly blocks: readonly Block[];
  readonly pairs: readonly (readonly [number, number])[];
  /** Blocks that live together, of which `upper` need not begin behind `lower`, only `distance` bytes above its beginning. */
  readonly gaps: readonly { readonly lower: number; readonly upper: number; readonly distance: number }[];
  readonly align: number;
}

/** The problem with who-conflicts-with-whom worked out. */
export interface Conflicts extends PlacementProblem {
  /** Blocks of `i` that live at the same time; empty blocks conflict with nobody. */
  readonly near: readonly (readonly number[])[];
  /** How far above the beginning of `i` each of `near[i]` must begin if it lies above: the size of `i`, or less. */
  readonly reach: readonly (readonly number[])[];
  /** How far above the beginning of each of `near[i]` `i` must begin if it lies above. */
  readonly clear: readonly (readonly number[])[];
  /** Blocks that `i` may share its offset with. */
  readonly partners: readonly (readonly number[])[];
}

export function alignUp(value: number, align: number): number {
  return Math.ceil(value / align) * align;
}

export function conflictsOf(problem: PlacementProblem): Conflicts {
  const { blocks } = problem;
  const near = blocks.map((): number[] => []);
  const byFirst = blocks.map((_, i) => i).sort((a, b) => blocks[a].first - blocks[b].first || a - b);
  let live: number[] = [];
  for (const i of byFirst) {
    if (blocks[i].size === 0) continue;
    live = live.filter((j) => blocks[j].last >= blocks[i].first);
    for (const j of live) {
      near[i].push(j);
      near[j].push(i);
    }
    live.push(i);
  }
  const partners = blocks.map((): number[] => []);
  for (const [from, to] of problem.pairs) {
    if (blocks[from].size === 0 || blocks[to].size === 0) continue;
    partners[from].push(to);
    partners[to].push(from);
  }
  const distances = new Map(problem.gaps.map((g) => [g.lower * blocks.length + g.upper, g.distance]));
  const distance = (lower: number, upper: number) => distances.get(lower * blocks.length + upper) ?? blocks[lower].size;
  const reach = near.map((list, i) => list.map((j) => distance(i, j)));
  const clear = near.map((list, i) => list.map((j) => distance(j, i)));
  return { ...problem, near, reach, clear, partners };
}

/** Bytes of the arena that these offsets need. */
export function arenaEnd(problem: PlacementProblem, offsets: readonly number[]): number {
  let end = 0;
  for (const [i, block] of problem.blocks.entries()) end = Math.max(end, offsets[i] + block.size + block.slack);
  return alignUp(end, problem.align);
}

/** `lowest`: the lowest hole. `tightest`: the hole that leaves the least over, the open end last. */
export type Fit = 'lowest' | 'tightest';

/** Blocks in the order in which they choose a hole; the blocks of one unit take one offset. */
export interface Plan {
  readonly units: readonly (readonly number[])[];
  readonly fit: Fit;
}

/** Offsets by plan; undefined as soon as the arena would exceed `limit`. */
export function placeInOrder(problem: Conflicts, plan: Plan, limit = Infinity): number[] | undefined {
  const offsets = new Array<number>(problem.blocks.length).fill(-1);
  for (const unit of plan.units) {
    const at = hole(problem, offsets, unit, plan.fit);
    for (const i of unit) {
      offsets[i] = at;
      if (at + problem.blocks[i].size + problem.blocks[i].slack > limit) return undefined;
    }
  }
  return offsets;
}

/** An offset is forbidden if it lies strictly between `low` and `high`. */
interface Forbidden {
  readonly low: number;
  readonly high: number;
  /** The one offset inside that is allowed after all: in place of a partner. */
  readonly except: number;
}

function hole(problem: Conflicts, offsets: readonly number[], unit: readonly number[], fit: Fit): number {
  const { blocks, near, reach, clear, partners } = problem;
  const forbidden: Forbidden[] = [];
  const joins: number[] = [];
  let align = 1;
  for (const i of unit) {
    align = Math.max(align, blocks[i].align);
    for (const [k, j] of near[i].entries()) {
      const at = offsets[j];
      if (at < 0) continue;
      const isPartner = partners[i].includes(j);
      if (isPartner) joins.push(at);
      forbidden.push({ low: at - reach[i][k], high: at + clear[i][k], except: isPartner ? at : -1 });
    }
  }
  const join = joins.filter(
    (at) => at % align === 0 && forbidden.every((f) => f.except === at || at <= f.low || at >= f.high),
  );
  const joined = Math.min(...join);
  if (fit === 'tightest' && joined < Infinity) return joined;
  forbidden.sort((a, b) => a.low - b.low);
  let from = 0;
  let best = { at: -1, spare: Infinity };
  for (const { low, high } of forbidden) {
    if (from <= low && low - from < best.spare) {
      best = { at: from, spare: low - from };
      if (fit === 'lowest') break;
    }
    from = Math.max(from, alignUp(high, align));
  }
  return Math.min(best.at < 0 ? from : best.at, joined);
}

/** A plan, what it gives, and how large that is. */
export interface Placed {
  readonly plan: Plan;
  readonly offsets: readonly number[];
  readonly bytes: number;
}

/** The best of several greedy orders, with in-place chains kept together and apart. */
export function greedyPlacement(problem: Conflicts): Placed {
  let best: Placed | undefined;
  for (const units of [chains(problem), problem.blocks.map((_, i) => [i])])
    for (const order of greedyOrders(problem, units))
      for (const fit of ['lowest', 'tightest'] as const) {
        const plan = { units: order, fit };
        const offsets = placeInOrder(problem, plan, best === undefined ? Infinity : best.bytes - 1);
        if (offsets !== undefined) best = { plan, offsets, bytes: arenaEnd(problem, offsets) };
      }
  return best ?? { plan: { units: [], fit: 'lowest' }, offsets: [], bytes: 0 };
}

/** Blocks linked by pairs, first to last; everything else alone. */
function chains(problem: Conflicts): number[][] {
  const next = new Map(problem.pairs.filter(([a, b]) => problem.partners[a].includes(b)));
  const targets = new Set(next.values());
  return problem.blocks.flatMap((_, i) => {
    if (targets.has(i)) return [];
    const chain = [i];
    for (let at = next.get(i); at !== undefined; at = next.get(at)) chain.push(at);
    return [chain];
  });
}

type Unit = readonly number[];

/** Orders of units, most telling key first; ties keep the order of the blocks. */
export function greedyOrders(problem: Conflicts, units: readonly Unit[]): readonly (readonly Unit[])[] {
  const { blocks, near } = problem;
  const sum = (unit: Unit, f: (i: number) => number) => unit.reduce((total, i) => total + f(i), 0);
  const life = (i: number) => blocks[i].last - blocks[i].first + 1;
  const size = (unit: Unit) => Math.max(...unit.map((i) => blocks[i].size));
  const lifetime = (unit: Unit) => sum(unit, life);
  const area = (unit: Unit) => sum(unit, (i) => blocks[i].size * life(i));
  const degree = (unit: Unit) => sum(unit, (i) => near[i].length);
  const pressure = (unit: Unit) => Math.max(...unit.map((i) => blocks[i].size + sum(near[i], (j) => blocks[j].size)));
  const start = (unit: Unit) => -blocks[unit[0]].first;
  const slack = (unit: Unit) => Math.max(...unit.map((i) => blocks[i].slack));
  const keys = [
    [size, lifetime],
    [area],
    [lifetime, size],
    [degree, size],
    [pressure, size],
    [pressure, area],
    [slack, size],
    [start],
  ];
  return keys.map((by) => {
    const ranks = new Map(units.map((unit) => [unit, by.map((key) => key(unit))]));
    return [...units].sort((a, b) => {
      const [x, y] = [ranks.get(a) ?? [], ranks.get(b) ?? []];
      const k = x.findIndex((value, at) => value !== y[at]);
      return k < 0 ? a[0] - b[0] : y[k] - x[k];
    });
  });
}

/** Moves units to earlier turns while that does not hurt, until `bound` is met or `budget` looks at blocks are spent. */
export function improvePlacement(problem: Conflicts, start: Placed, bound: number, budget: number): Placed {
  const cost = problem.near.reduce((sum, list) => sum + list.length + 4, 0);
  const random = new Xorshift();
  let current = start;
  for (let spent = 0; current.bytes > bound && spent < budget; spent += cost) {
    const units = [...current.plan.units];
    const top = units.flatMap((unit, at) => (touchesTop(problem, current, unit) && at > 0 ? [at] : []));
    const from = top.length > 0 && random.below(3) > 0 ? top[random.below(top.length)] : random.below(units.length);
    const [unit] = units.splice(from, 1);
    units.splice(random.below(from + 1), 0, unit);
    const plan = { units, fit: current.plan.fit };
    const offsets = placeInOrder(problem, plan, current.bytes);
    if (offsets !== undefined) current = { plan, offsets, bytes: arenaEnd(problem, offsets) };
  }
  return current;
}

function touchesTop(problem: Conflicts, placed: Placed, unit: Unit): boolean {
  return unit.some((i) => {
    const { size, slack } = problem.blocks[i];
    return placed.offsets[i] + size + slack > placed.bytes - problem.align;
  });
}

/** A fixed sequence: the search must be the same on every machine and in every run. */
class Xorshift {
  #state = 0x9e3779b9;
  below(n: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % n;
  }
}
