/**
 * What `--optimize` means, in one place. Invariant: a goal only chooses between forms that compute the same bytes, so no
 * answer depends on it.
 */
import type { Target } from './target.js';

export type Optimize = 'speed' | 'size' | 'ram';

export interface Policy {
  /** All weights together take at most this many times their own size (DESIGN 1: hosts 3x, microcontrollers 1x). */
  readonly weightGrowth: number;
  /**
   * One instance per kernel instead of one per layer shape, where that is smaller (`shapesWorthSharing` of an ISA): what its layers
   * have in common is folded all the same.
   */
  readonly sharesInstances: boolean;
  /** Row streaming: of single steps, which copies nothing, or of chains, which keeps the least RAM. */
  readonly streams: 'nothing' | 'steps' | 'chains';
  /** What our own builds compile with. */
  readonly level: '-O3' | '-O2' | '-Os';
}

const expanded = 3;
/** Nothing but what rounds layers up to whole tiles. */
const padded = 1.05;
/** Of each layer the smallest form that a kernel can read. */
const smallest = 1;

/** @param optimize undefined: what suits the target. */
export function policyOf(optimize: Optimize | undefined, target: Pick<Target, 'isMcu'>): Policy {
  switch (optimize) {
    case 'speed':
      return { weightGrowth: expanded, sharesInstances: false, streams: 'nothing', level: '-O3' };
    case 'size':
      // gcc 12 makes a fifth less of x86 kernels with -O2 than with -Os, which keeps branches that literals decide.
      return {
        weightGrowth: smallest,
        sharesInstances: true,
        streams: 'nothing',
        level: target.isMcu ? '-Os' : '-O2',
      };
    case 'ram':
      return {
        weightGrowth: padded,
        sharesInstances: target.isMcu,
        streams: 'chains',
        level: target.isMcu ? '-O2' : '-O3',
      };
    case undefined:
      return target.isMcu
        ? { weightGrowth: padded, sharesInstances: true, streams: 'steps', level: '-O2' }
        : { weightGrowth: expanded, sharesInstances: false, streams: 'nothing', level: '-O3' };
  }
}
