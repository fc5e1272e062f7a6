/** Biases and scales of a layer's channels, out of the form in which its kernel reads them (epilogue.h, `constants`). */

const JOINED = 1;
const SHARED = 2;

export interface StoredConstants {
  readonly bias: ArrayLike<number>;
  /** Multipliers, or a multiplier and a shift of each channel; undefined where nothing is scaled. */
  readonly scale: ArrayLike<number> | undefined;
}

/** Undefined if a part is missing. */
export function storedConstants(
  form: number,
  bias: ArrayLike<number> | undefined,
  scale: ArrayLike<number> | undefined,
  oc: number,
): StoredConstants | undefined {
  if (form === JOINED) {
    if (scale === undefined || scale.length < 2 * oc) return undefined;
    return {
      bias: Array.from({ length: oc }, (_, o) => scale[2 * o + 1] >> 8),
      scale: Array.from(scale, (word, i) => (i % 2 === 0 ? word : -(word & 255))),
    };
  }
  if (bias === undefined || bias.length < oc) return undefined;
  if (form !== SHARED) return { bias, scale };
  if (scale === undefined || scale.length < 2) return undefined;
  return { bias, scale: Array.from({ length: 2 * oc }, (_, i) => scale[i % 2]) };
}
