/**
 * A size no placement can go below. Invariant: an in-place pair counts once in the step where one ends and the other
 * begins, whether or not a placement can make use of it.
 */
import { alignUp, type Block, type PlacementProblem } from './placement.js';

/** Blocks that must lie side by side at one moment, and the pairs that may overlay there. */
interface Moment {
  readonly live: readonly Block[];
  readonly overlays: readonly Block[];
  /** What blocks that may overlap for longer save at most. */
  readonly saved: number;
}

/** Bytes, a multiple of `problem.align`. */
export function placementBound(problem: PlacementProblem): number {
  let bound = 0;
  for (const block of problem.blocks) bound = Math.max(bound, block.size + block.slack);
  const aligns = [...new Set(problem.blocks.map((b) => b.align))];
  for (const moment of moments(problem)) for (const align of aligns) bound = Math.max(bound, stackBound(moment, align));
  return alignUp(bound, problem.align);
}

/**
 * Among blocks that begin at multiples of `align`, each but the topmost takes its size rounded up; the topmost takes its
 * own bytes and its slack. An overlay that is not overlaid after all may be the topmost, on top of all the others.
 */
function stackBound({ live, overlays, saved }: Moment, align: number): number {
  let sum = 0;
  let top = Infinity;
  for (const block of live) {
    if (block.align < align) continue;
    const rounded = alignUp(block.size, align);
    sum += rounded;
    top = Math.min(top, block.size + block.slack - rounded);
  }
  for (const block of overlays) if (block.align >= align) top = Math.min(top, block.size + block.slack);
  return top === Infinity ? 0 : sum + top - saved;
}

/** Every other moment's live blocks are a subset of one of these. */
function moments(problem: PlacementProblem): readonly Moment[] {
  const { blocks } = problem;
  const solid = blocks.filter((b) => b.size > 0);
  const overlayAt = overlaySteps(problem);
  const times = new Set(solid.map((b) => b.first));
  for (const [block, step] of overlayAt) if (block.last > step) times.add(step + 1);
  return [...times]
    .sort((a, b) => a - b)
    .map((time) => {
      const there = solid.filter((b) => b.first <= time && time <= b.last);
      return {
        live: there.filter((b) => overlayAt.get(b) !== time),
        overlays: there.filter((b) => overlayAt.get(b) === time),
        saved: savedAt(problem, time),
      };
    });
}

/** Two blocks that may overlap take at least the larger of `lower` and what ends with `upper`. */
export function savingOf(problem: PlacementProblem, gap: PlacementProblem['gaps'][number]): number {
  const [lower, upper] = [problem.blocks[gap.lower].size, problem.blocks[gap.upper].size];
  return lower + upper - Math.max(lower, gap.distance + upper);
}

function savedAt(problem: PlacementProblem, time: number): number {
  const lives = (i: number) => problem.blocks[i].first <= time && time <= problem.blocks[i].last;
  let saved = 0;
  for (const gap of problem.gaps) {
    if (!lives(gap.lower) || !lives(gap.upper)) continue;
    // Rounding each block up to its alignment may add what rounding them together does not.
    saved += savingOf(problem, gap) + problem.blocks[gap.lower].align + problem.blocks[gap.upper].align;
  }
  return saved;
}

/** The later block of each pair, with the step where it need not take room of its own. */
export function overlaySteps(problem: PlacementProblem): ReadonlyMap<Block, number> {
  const { blocks, pairs } = problem;
  return new Map(
    pairs
      .filter(([from, to]) => blocks[from].size > 0 && blocks[to].size > 0)
      .map(([, to]) => [blocks[to], blocks[to].first]),
  );
}
