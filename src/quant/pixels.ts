/**
 * What preprocessing makes of one pixel. Invariant: data that is prepared and pixels that a compiled model prepares by a
 * table go through the same arithmetic, so they are the same floats.
 */

export interface PixelScaling {
  readonly scale: number;
  /** Per channel, or one for all. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** The entry of a list per channel, or its only one; undefined where the list is too short. */
export function ofChannel(list: readonly number[], channel: number): number | undefined {
  return list[list.length === 1 ? 0 : channel];
}

/** (x * scale - mean) / std in double, rounded to float32 once. */
export function scaledPixel(x: number, scale: number, mean: number, std: number): number {
  return Math.fround((x * scale - mean) / std);
}
