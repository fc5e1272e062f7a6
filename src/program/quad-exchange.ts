/** Pairs of inputs that two 8-bit products overflow exchange an input with a pair elsewhere, where then both fit. */

export interface ChannelsOfWeights {
  /** [channel][k] */
  readonly w: ArrayLike<number>;
  readonly k: number;
  readonly first: number;
  readonly channels: number;
  /** What the positive, and what the negative, weights of a pair may sum up to. */
  readonly most: number;
}

/** Of an unsafe pair: so many others are asked. Where these do not do, channels are so many that hardly any would. */
const TRIES = 96;

/**
 * @param inputs two and two a pair; changed.
 * @param unsafe places where unsafe pairs begin.
 * @returns those that remain.
 */
export function exchangeInputs(
  inputs: Int32Array,
  unsafe: readonly number[],
  of: ChannelsOfWeights,
): readonly number[] {
  const left = new Set(unsafe);
  const pairs = inputs.length / 2;
  for (const p of unsafe) {
    if (!left.has(p)) continue;
    const fits = partnersOf(of, inputs[p]);
    for (let n = 1; n < Math.min(pairs, TRIES); n++) {
      const q = 2 * ((p / 2 + n) % pairs);
      const slot = [q, q + 1].find((s) => fits(inputs[s]) && partnersOf(of, inputs[p + 1])(inputs[s ^ 1]));
      if (slot === undefined) continue;
      [inputs[p + 1], inputs[slot]] = [inputs[slot], inputs[p + 1]];
      left.delete(p);
      left.delete(q);
      break;
    }
  }
  return [...left];
}

/** Whether an input may meet another one, in all channels. */
function partnersOf({ w, k, first, channels, most }: ChannelsOfWeights, a: number): (b: number) => boolean {
  return (b) => {
    if (a >= k || b >= k) return true;
    for (let at = first * k; at < (first + channels) * k; at += k) {
      const [one, other] = [w[at + a], w[at + b]];
      const sum = one + other;
      if ((sum > most && one > 0 && other > 0) || (sum < -most && one < 0 && other < 0)) return false;
    }
    return true;
  };
}
