/** Counts of right answers, and what they prove. Pure. */
import type { Tensor } from '../ir/type.js';

export interface Tally {
  readonly samples: number;
  readonly labelled: number;
  readonly top1: number;
  readonly top5: number;
  readonly floatTop1: number;
  readonly floatTop5: number;
  /** Answers of the float model that were compared, and those that were the same. */
  readonly compared: number;
  readonly agree: number;
  /** Right by the float model alone, by the other alone. */
  readonly lost: number;
  readonly won: number;
}

export const emptyTally: Tally = {
  ...{ samples: 0, labelled: 0, top1: 0, top5: 0, floatTop1: 0, floatTop5: 0, compared: 0, agree: 0, lost: 0, won: 0 },
};

export interface Scored {
  /** Rank of the label among the scores, from 0; undefined without label. */
  readonly rank: number | undefined;
  readonly floatRank: number | undefined;
  readonly agrees: boolean | undefined;
}

export function addScores(t: Tally, { rank, floatRank, agrees }: Scored): Tally {
  const is = (claim: boolean): number => (claim ? 1 : 0);
  return {
    samples: t.samples + 1,
    labelled: t.labelled + is(rank !== undefined),
    top1: t.top1 + is(rank === 0),
    top5: t.top5 + is(rank !== undefined && rank < 5),
    floatTop1: t.floatTop1 + is(floatRank === 0),
    floatTop5: t.floatTop5 + is(floatRank !== undefined && floatRank < 5),
    compared: t.compared + is(agrees !== undefined),
    agree: t.agree + is(agrees === true),
    lost: t.lost + is(floatRank === 0 && rank !== 0),
    won: t.won + is(rank === 0 && floatRank !== undefined && floatRank !== 0),
  };
}

/** How many scores come before that of `label`: larger ones, and equal ones of a lower index. */
export function rankOf({ data }: Tensor, label: number): number {
  const own = data[label];
  let rank = 0;
  for (let i = 0; i < data.length; i++) if (data[i] > own || (data[i] === own && i < label)) rank++;
  return rank;
}

export function share(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}

/** Wilson's 95 % interval of a share. */
export function wilson(part: number, whole: number): readonly [number, number] {
  const z = 1.959964;
  const p = part / whole;
  const middle = (p + (z * z) / (2 * whole)) / (1 + (z * z) / whole);
  const half = (z * Math.sqrt((p * (1 - p)) / whole + (z * z) / (4 * whole * whole))) / (1 + (z * z) / whole);
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/** McNemar's exact test: how likely so uneven a split of the changed answers is by chance, both ways. */
export function discordant(lost: number, won: number): number {
  const n = lost + won;
  if (n === 0) return 1;
  let sum = 0;
  // Binomial coefficients over 2^n, in logarithms so that large n do not overflow.
  let log = -n * Math.log(2);
  for (let k = 0; k <= Math.min(lost, won); k++) {
    sum += Math.exp(log);
    log += Math.log((n - k) / (k + 1));
  }
  return Math.min(1, 2 * sum);
}
