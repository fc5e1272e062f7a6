/** Weights back from the order in which their kernel reads them. The inverse of a packing, written from its description. */

import { unpackOcts } from './unpack-octs.js';
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
  const { oc, kh, kw, cg } = shape;
  const cells = kh * kw * cg;
  const layout = packing.replace(/_x[su]8$/, '');
  if (layout === 'nr16_quads_s8' || layout === 'nr16_octs_s8') {
    const found = layout === 'nr16_quads_s8' ? unpackQuads(stored, shape) : unpackOcts(stored, shape);
    return typeof found === 'string' ? found : found.weights;
  }
  const out = new Float64Array(oc * cells);
  const panels = /^nr(\d+)([gn]?)_kr(\d+)(k?)_s(8z?|16)$/.exec(layout);
  if (/^ohwi_s(8|16)$/.test(layout)) {
    if (stored.length < out.length) return `${stored.length} weights, ${out.length} are needed`;
    return out.map((_, i) => stored[i]);
  }
  if (/^hwc_s(8|16)$/.test(layout)) {
    if (stored.length < out.length) return `${stored.length} weights, ${out.length} are needed`;
    return out.map((_, i) => stored[(i % cells) * oc + Math.floor(i / cells)]);
  }
  if (layout === 'columns4_s8') return unpackColumns(stored, shape);
  if (panels === null) return undefined;
  const [nr, kr] = [Number(panels[1]), Number(panels[3])];
  // `g`: panels do not end with a group.
  const groups = panels[2] === 'g' ? 1 : shape.groups;
  const perGroup = oc / groups;
  const panelCount = Math.ceil(perGroup / nr);
  const blocks = Math.ceil(cells / kr);
  if (panels[5] === '8z') {
    const all = lessZeros(stored, { panels: groups * panelCount, nr, bytes: blocks * nr * kr });
    if (typeof all === 'string') return all;
    const weights = unpack(packing.replace('_s8z', '_s8'), all.stored, shape);
    if (weights === undefined || typeof weights === 'string') return weights;
    return weights.map((w, i) => {
      const o = Math.floor(i / cells);
      return w - all.zeros[Math.floor(o / perGroup) * panelCount * nr + (o % perGroup)];
    });
  }
  if (panels[2] === 'n' && perGroup % nr > 0) return unpackNarrow(stored, { cells, perGroup, groups, nr, kr });
  const needed = groups * panelCount * blocks * nr * kr;
  if (stored.length < needed) return `${stored.length} weights, ${needed} are needed`;
  for (let at = 0; at < needed; at++) {
    const inBlock = at % (nr * kr);
    const block = Math.floor(at / (nr * kr));
    const byK = panels[4] === 'k';
    const k = (block % blocks) * kr + (byK ? Math.floor(inBlock / nr) : inBlock % kr);
    const panel = Math.floor(block / blocks);
    const inGroup = (panel % panelCount) * nr + (byK ? inBlock % nr : Math.floor(inBlock / kr));
    const o = Math.floor(panel / panelCount) * perGroup + inGroup;
    if (inGroup < perGroup && k < cells) out[o * cells + k] = stored[at];
    else if (stored[at] !== 0) return `padding holds ${stored[at]}, not 0`;
  }
  return out;
}

/** Panels of which the last of a group holds no channels that do not exist. */
function unpackNarrow(
  stored: ArrayLike<number>,
  of: {
    readonly cells: number;
    readonly perGroup: number;
    readonly groups: number;
    readonly nr: number;
    readonly kr: number;
  },
): Float64Array | string {
  const { cells, perGroup, groups, nr, kr } = of;
  const padded = Math.ceil(cells / kr) * kr;
  const needed = groups * perGroup * padded;
  if (stored.length < needed) return `${stored.length} weights, ${needed} are needed`;
  const out = new Float64Array(groups * perGroup * cells);
  for (let o = 0; o < groups * perGroup; o++) {
    const inGroup = o % perGroup;
    const first = inGroup - (inGroup % nr);
    const wide = Math.min(nr, perGroup - first);
    for (let k = 0; k < padded; k++) {
      const step = Math.floor(k / kr) * wide * kr + (inGroup - first) * kr + (k % kr);
      const value = stored[(o - inGroup + first) * padded + step];
      if (k < cells) out[o * cells + k] = value;
      else if (value !== 0) return `padding holds ${value}, not 0`;
    }
  }
  return out;
}

/** Of windows with one channel, [oc][steps][4]: rows by four, each column a step; steps of the last rows have several columns. */
function unpackColumns(stored: ArrayLike<number>, { oc, kh, kw }: WeightShape): Float64Array | string {
  const left = kh % 4;
  const perStep = left === 0 ? 1 : Math.floor(4 / left);
  const whole = (kh - left) * kw;
  const bytes = whole + (left === 0 ? 0 : 4 * Math.ceil(kw / perStep));
  if (stored.length < oc * bytes) return `${stored.length} weights, ${oc * bytes} are needed`;
  const rest = Float64Array.from({ length: oc * bytes }, (_, i) => stored[i]);
  const out = Float64Array.from({ length: oc * kh * kw }, (_, i) => {
    const ky = Math.floor(i / kw) % kh;
    const kx = i % kw;
    const inWhole = Math.floor(ky / 4) * 4 * kw + 4 * kx + (ky % 4);
    const inLast = whole + 4 * Math.floor(kx / perStep) + (kx % perStep) * left + (ky % 4);
    const at = Math.floor(i / (kh * kw)) * bytes + (ky < kh - left ? inWhole : inLast);
    const value = rest[at];
    rest[at] = 0;
    return value;
  });
  const padding = rest.find((value) => value !== 0);
  return padding === undefined ? out : `padding holds ${padding}, not 0`;
}

/** Panels without the zero points before them, and these, one for each channel of a panel. */
function lessZeros(
  stored: ArrayLike<number>,
  { panels, nr, bytes }: { readonly panels: number; readonly nr: number; readonly bytes: number },
): { readonly stored: readonly number[]; readonly zeros: readonly number[] } | string {
  const each = 4 * nr + bytes;
  if (stored.length < panels * each) return `${stored.length} bytes of weights, ${panels * each} are needed`;
  const weights: number[] = [];
  const zeros: number[] = [];
  for (let p = 0; p < panels; p++) {
    const byte = (i: number) => stored[p * each + i] & 255;
    for (let n = 0; n < nr; n++)
      zeros.push(byte(4 * n) | (byte(4 * n + 1) << 8) | (byte(4 * n + 2) << 16) | (byte(4 * n + 3) << 24));
    for (let i = 0; i < bytes; i++) weights.push(stored[p * each + 4 * nr + i]);
  }
  return { stored: weights, zeros };
}

/** A layer behind a flattened image: the model counts channels first, the C channels last. */
export function isFlattened(emitted: ArrayLike<number>, wanted: ArrayLike<number>, oc: number): boolean {
  const cells = wanted.length / oc;
  for (let channels = 1; channels <= cells; channels++) {
    if (cells % channels !== 0) continue;
    const size = cells / channels;
    const isEqual = (_: unknown, i: number): boolean => {
      const k = i % cells;
      return emitted[i] === wanted[i - k + (k % channels) * size + Math.floor(k / channels)];
    };
    if (Array.from(wanted).every(isEqual)) return true;
  }
  return false;
}
