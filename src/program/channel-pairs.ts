/**
 * An order of a tensor's channels in which as few neighbours as possible can leave 16 bits when they are multiplied together
 * (`vpmaddubsw`), for all output channels that read them at once: a matching in the graph of pairs that fit.
 */

import { bits } from './quad-pairs.js';

/** For each channel (or whatever is paired) a set of those it must not meet: 32 to a word. */
export class Conflicts {
  readonly words: number;
  readonly bits: Uint32Array;

  constructor(
    readonly count: number,
    bits?: Uint32Array,
  ) {
    this.words = Math.ceil(count / 32);
    this.bits = bits ?? new Uint32Array(count * this.words);
  }

  copy(): Conflicts {
    return new Conflicts(this.count, this.bits.slice());
  }

  has(i: number, j: number): boolean {
    return ((this.bits[i * this.words + (j >>> 5)] >>> (j & 31)) & 1) === 1;
  }

  put(i: number, j: number): void {
    this.bits[i * this.words + (j >>> 5)] |= 1 << (j & 31);
    this.bits[j * this.words + (i >>> 5)] |= 1 << (i & 31);
  }

  /**
   * Adds what one output channel forbids: pairs whose weights are of one sign and together larger than `most`.
   * @param w weights, of which those of `count` channels lie from `at` on, none of them beyond `most`.
   */
  add(w: ArrayLike<number>, at: number, most: number): void {
    const { count } = this;
    for (let i = 0; i < count; i++) {
      const a = w[at + i];
      // Of a pair that is too large, one weight alone is more than half.
      if (2 * a <= most && 2 * a >= -most) continue;
      const least = a > 0 ? most - a : -most - a;
      for (let j = 0; j < count; j++) if (j !== i && (a > 0 ? w[at + j] > least : w[at + j] < least)) this.put(i, j);
    }
  }

  /** How many others channel i may meet. */
  partners(i: number): number {
    let taken = 0;
    for (let k = 0; k < this.words; k++) taken += bits(this.bits[i * this.words + k]);
    return this.count - 1 - taken;
  }
}

export interface PairedChannels {
  /** Channels whose neighbours (0 and 1, 2 and 3, ...) are the pairs: first those that may meet, by their first channel. */
  readonly order: readonly number[];
  /** Pairs at the end whose two may not meet. */
  readonly unsafe: number;
}

/**
 * Greedy, those first that may meet fewest, and of their partners the same; then what is left over exchanges partners with pairs that
 * were made. Some channels may meet no other.
 */
export function pairedChannels(conflicts: Conflicts): PairedChannels {
  const { count } = conflicts;
  const mayMeet = (i: number, j: number): boolean => i !== j && !conflicts.has(i, j);
  const degrees = Int32Array.from({ length: count }, (_, i) => conflicts.partners(i));
  const scarcest = Array.from(degrees.keys()).sort((a, b) => degrees[a] - degrees[b] || a - b);
  const mate = new Int32Array(count).fill(-1);
  const marry = (i: number, j: number): void => {
    mate[i] = j;
    mate[j] = i;
  };
  for (const i of scarcest) {
    if (mate[i] >= 0) continue;
    const j = scarcest.find((other) => mate[other] < 0 && mayMeet(i, other));
    if (j !== undefined) marry(i, j);
  }
  const single = scarcest.filter((i) => mate[i] < 0);
  for (const a of single) {
    if (mate[a] >= 0) continue;
    for (const c of scarcest) {
      if (mate[c] < 0 || !mayMeet(a, c)) continue;
      const b = single.find((i) => i !== a && mate[i] < 0 && mayMeet(i, mate[c]));
      if (b === undefined) continue;
      marry(b, mate[c]);
      marry(a, c);
      break;
    }
  }
  const left = single.filter((i) => mate[i] < 0);
  const made = Array.from(mate.keys()).flatMap((i) => (mate[i] > i ? [i, mate[i]] : []));
  return { order: [...made, ...left.sort((a, b) => a - b)], unsafe: Math.floor(left.length / 2) };
}
