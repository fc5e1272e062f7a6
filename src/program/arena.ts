/**
 * Where each buffer of a Program lies in the arena. Invariant: two buffers overlap only if they are never live in the
 * same step, or if one dies in the step that writes the other in its place, or if one is read ahead of where the other is
 * written (overlap.ts).
 */
import { inPlacePair, type Lifetime, lifetimes } from './liveness.js';
import { overlaps } from './overlap.js';
import { groupLifetimes, groupPairs } from './parts.js';
import { arenaEnd, conflictsOf, greedyPlacement, improvePlacement, type PlacementProblem } from './placement.js';
import { placementBound } from './placement-bound.js';
import { searchPlacement } from './placement-search.js';
import { type ArenaBuffer, type Item, type Program, stepsOf } from './program.js';

export interface Arena {
  readonly offsets: ReadonlyMap<ArenaBuffer, number>;
  /** A multiple of `align`; 0 if the program needs no arena. */
  readonly bytes: number;
  readonly align: number;
  /** No placement for this order of steps can be smaller; equal to `bytes` where that is proved. */
  readonly lowerBound: number;
  readonly isOptimal: boolean;
}

/** Looks at blocks, all searches together: about a quarter of a second. */
const EFFORT = 2e7;

/** Alignment of an arena that no buffer asks anything of. */
export const DEFAULT_ALIGN = 64;

/** Places the arena buffers of a program. `effort` bounds the work in looks at one block; the result depends on nothing else. */
export function planArena(program: Program, effort = EFFORT): Arena {
  const { lives, problem } = programProblem(program);
  const { offsets, bytes, lowerBound } = place(problem, effort);
  return {
    offsets: new Map(lives.map((life, i) => [life.buffer, offsets[i]])),
    bytes,
    align: problem.align,
    lowerBound,
    isOptimal: bytes === lowerBound,
  };
}

/** The arena buffers of a program as blocks; where several parts run it, time is counted in groups of steps. */
export function programProblem(program: Program): {
  readonly lives: readonly Lifetime[];
  readonly problem: PlacementProblem;
} {
  const { parts } = program;
  if (parts === undefined) {
    const lives = lifetimes(program, program.inputs);
    return { lives, problem: placementProblem(program.body, lives) };
  }
  const lives = groupLifetimes(program, parts);
  const index = new Map(lives.map((life, i) => [life.buffer, i]));
  const pairs = groupPairs(program, parts).flatMap(({ from, to }) => {
    const [a, b] = [index.get(from), index.get(to)];
    return a === undefined || b === undefined ? [] : [[a, b] as const];
  });
  const blocks = lives.map(blockOf);
  return { lives, problem: { blocks, pairs, gaps: [], align: Math.max(...blocks.map((b) => b.align)) } };
}

function blockOf({ buffer, first, last, slack }: Lifetime) {
  return { size: buffer.bytes, align: buffer.align, slack, first, last };
}

/** The buffers of some items as blocks, with what may lie over what. */
export function placementProblem(items: readonly Item[], lives: readonly Lifetime[]): PlacementProblem {
  const index = new Map(lives.map((life, i) => [life.buffer, i]));
  const blocks = lives.map(blockOf);
  const pairs: [number, number][] = [];
  let step = 0;
  for (const item of items) {
    const pair = inPlacePair(item);
    const from = pair && index.get(pair.from);
    const to = pair && index.get(pair.to);
    if (from !== undefined && to !== undefined && blocks[from].last === step && blocks[to].first === step)
      pairs.push([from, to]);
    step += item.kind === 'step' ? 1 : stepsOf([item]).length;
  }
  const align = blocks.length === 0 ? DEFAULT_ALIGN : Math.max(...blocks.map((b) => b.align));
  const gaps = overlaps({ body: items }).flatMap(({ lower, upper, distance }) => {
    const [low, high] = [index.get(lower), index.get(upper)];
    if (low === undefined || high === undefined || blocks[low].last < blocks[high].last) return [];
    return blocks[low].first <= blocks[high].last ? [{ lower: low, upper: high, distance }] : [];
  });
  return { blocks, pairs, gaps, align };
}

/** A placement and what is proved about it. */
export interface PlacementResult {
  readonly offsets: readonly number[];
  readonly bytes: number;
  readonly lowerBound: number;
}

/** Greedy orders, then local search, then exact search at the bound and by bisection between bound and best. */
export function place(input: PlacementProblem, effort = EFFORT): PlacementResult {
  const problem = conflictsOf(input);
  let lowerBound = placementBound(problem);
  let best: { offsets: readonly number[]; bytes: number } = improvePlacement(
    problem,
    greedyPlacement(problem),
    lowerBound,
    effort / 4,
  );
  const nodeCost = 4 * problem.blocks.length + 16;
  const nodes = Math.ceil(effort / 4 / nodeCost);
  let pool = 3 * nodes;
  let tried = lowerBound;
  for (let capacity = lowerBound; tried < best.bytes && pool > 0; ) {
    const budget = { nodes: Math.min(nodes, pool) };
    pool -= budget.nodes;
    const answer = searchPlacement(problem, capacity, budget);
    pool += budget.nodes;
    if (answer.kind === 'found') best = { offsets: answer.offsets, bytes: arenaEnd(problem, answer.offsets) };
    else {
      tried = capacity + problem.align;
      if (answer.kind === 'impossible') lowerBound = tried;
    }
    const middle = tried + Math.floor((best.bytes - tried) / problem.align / 2) * problem.align;
    capacity = Math.min(middle, best.bytes - problem.align);
  }
  return { offsets: best.offsets, bytes: best.bytes, lowerBound };
}
