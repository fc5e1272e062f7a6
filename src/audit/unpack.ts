/** Weights back from the order in which their kernel reads them. The inverse of a packing, written from its description. */

import { unpackQuads } from './unpack-quads.js';

export interface WeightShape {
  readonly oc: number;
  readonly kh: number;
  readonly kw: number;
  /** Input channels of a group. */
  readonly cg: number;
  readonly groups: number;
}

/**
 * [oc, kh, kw, cg], or undefined for a packing that does not hold the weights themselves (Winograd's are transformed) or
 * that is not known here. A string says what is wrong: padding that is not zero, too few numbers.
 */
export function unpack(
  packing: string,
  stored: ArrayLike<number>,
  shape: WeightShape,
): Float64Array | string | undefined {
  const { oc, kh, kw, cg, groups } = shape;
  const cells = kh * kw * cg;
  const layout = packing.replace(/_x[su]8$/, '');
  if (layout === 'nr16_quads_s8') {
    const quads = unpackQuads(stored, shape);
    return typeof quads === 'string' ? quads : quads.weights;
  }
  const out = new Float64Array(oc * cells);
  const panels = /^nr(\d+)_kr(\d+)(k?)_s(8|16)$/.exec(layout);
  if (/^ohwi_s(8|16)$/.test(layout)) {
    if (stored.length < out.length) return `${stored.length} weights, ${out.length} are needed`;
    return out.map((_, i) => stored[i]);
  }
  if (/^hwc_s(8|16)$/.test(layout)) {
    if (stored.length < out.length) return `${stored.length} weights, ${out.length} are needed`;
    return out.map((_, i) => stored[(i % cells) * oc + Math.floor(i / cells)]);
  }
  if (panels === null) return undefined;
  const [nr, kr] = [Number(panels[1]), Number(panels[2])];
  const perGroup = oc / groups;
  const panelCount = Math.ceil(perGroup / nr);
  const blocks = Math.ceil(cells / kr);
  const needed = groups * panelCount * blocks * nr * kr;
  if (stored.length < needed) return `${stored.length} weights, ${needed} are needed`;
  for (let at = 0; at < needed; at++) {
    const inBlock = at % (nr * kr);
    const block = Math.floor(at / (nr * kr));
    const byK = panels[3] === 'k';
    const k = (block % blocks) * kr + (byK ? Math.floor(inBlock / nr) : inBlock % kr);
    const panel = Math.floor(block / blocks);
    const inGroup = (panel % panelCount) * nr + (byK ? inBlock % nr : Math.floor(inBlock / kr));
    const o = Math.floor(panel / panelCount) * perGroup + inGroup;
    if (inGroup < perGroup && k < cells) out[o * cells + k] = stored[at];
    else if (stored[at] !== 0) return `padding holds ${stored[at]}, not 0`;
  }
  return out;
}
