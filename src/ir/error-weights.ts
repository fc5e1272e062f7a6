/**
 * How much an error of each channel of a value matters to what reads it: the part of its readers' output power that a
 * squared error of 1 would add. Rounding errors of different elements are taken as independent.
 */
import type { AnyNode, Const, Value } from './graph.js';
import type { ScaleClasses } from './scale-classes.js';
import { f32Data } from './type.js';

/** Squares of a convolution's weights by the channel they read, summed over outputs and taps; groups looked through. */
export function squaredWeights(w: Const, groups: number, channels: number): Float64Array {
  const [oc, kh, kw, cg] = w.type.shape;
  const sums = new Float64Array(channels);
  const data = f32Data(w.tensor);
  for (let o = 0; o < oc; o++) {
    const first = Math.floor(o / (oc / groups)) * cg;
    for (let k = 0; k < kh * kw * cg; k++) sums[first + (k % cg)] += data[o * kh * kw * cg + k] ** 2;
  }
  return sums;
}

/**
 * One weight for each channel of `value`, as `classes.channelsOf` counts them; undefined where channels are not told apart.
 * @param power mean square of each channel.
 */
export function errorWeights(
  value: Value,
  readers: readonly AnyNode[],
  classes: ScaleClasses,
  power: Float64Array,
): Float64Array | undefined {
  const label = classes.channelsOf(value);
  if (label === undefined) return undefined;
  const found = new Float64Array(label.classes.length);
  const indexOf = new Map([...label.classes].map((id, c) => [id, c]));
  for (const node of readers) {
    const [x, w] = node.operands;
    const each = new Float64Array(found.length);
    const read = classes.channelsOf(x);
    if (node.kind === 'conv2d' && w.kind === 'const' && read?.axis === 3) {
      for (const [i, sum] of squaredWeights(w, node.attrs.groups, read.classes.length).entries()) {
        const c = indexOf.get(read.classes[i]);
        if (c !== undefined) each[c] += sum;
      }
    } else each.fill(1);
    const signal = each.reduce((sum, g, c) => sum + g * power[c], 0);
    if (signal > 0) for (const [c, g] of each.entries()) found[c] += g / signal;
  }
  return found.some((g) => g > 0) ? found : undefined;
}
