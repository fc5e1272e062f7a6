/**
 * Weights for a kernel that multiplies 4 inputs and 16 output channels a step, wherever in a window the 4 lie side by side
 * (runtime-c/isa/x86-avx2/conv2d_octs.h). Products are added in 16 bits: two of a step, four of two steps, an oct. A plain step takes
 * weights as they are, where two of one sign are 128 at most together; its octs four. A signed step takes their magnitudes, of any
 * size; its octs four that are 256 at most together. Plain octs are fastest, signed steps alone slowest. Which steps make octs is
 * free, among each 128: a matching.
 */
import { elements, numberData, type Shape, type Tensor } from '../ir/type.js';
import { Conflicts, pairedChannels } from './channel-pairs.js';
import { plannedOnce } from './plan-cache.js';

const PANEL = 16;
/** Inputs of a step. */
export const QUAD = 4;
/** Steps whose weights a kernel holds at a time. */
const CHUNK = 128;
/** Of weights of one sign, which 255 is multiplied by, the largest sum. */
export const PLAIN_MOST = 128;
/** Of magnitudes, which -128 is multiplied by. */
const SIGNED_MOST = 256;
const LINE = 64;

/** The steps of a chunk in the order in which a kernel takes them: plain octs, plain steps, signed octs, signed steps. */
interface OctChunk {
  readonly plainOcts: number;
  readonly plainAlone: number;
  readonly signedOcts: number;
  readonly order: readonly number[];
}

export interface OctPlan {
  /** Of each group, panel by panel, the chunks. */
  readonly panels: readonly (readonly OctChunk[])[];
  /** Numbers of octs and of steps without a partner. */
  readonly plainOcts: number;
  readonly plainAlone: number;
  readonly signedOcts: number;
  readonly signedAlone: number;
}

/** The plan of s8 weights [oc, kh, kw, c/groups]. */
export const octPlan = plannedOnce(planned);

/** What a pixel's 16 results take more in tiles of 3 pixels than in those of 5, whose rates others have (Zen 4). */
export const SMALL_TILE_CYCLES = 3.6;

/** Plain steps flip the highest bit of activations that are s8: what that takes, over what they take of u8. */
const FLIPPED = 1.09;

/** What a kernel does of a plan, in plain steps of u8, per pixel (measured on Zen 4: 8 inputs of an oct, 4 of a step). */
export function octWork({ plainOcts, plainAlone, signedOcts, signedAlone }: OctPlan, flips: boolean): number {
  return (1.6 * plainOcts + plainAlone) * (flips ? FLIPPED : 1) + 2.04 * signedOcts + 1.17 * signedAlone;
}

/** Inputs of a window that lie side by side, which steps take by fours. @param shape [oc, kh, kw, c / groups] of the weights. */
export function sideBySide(
  [, , kw, cg]: Shape,
  { groups, dilations }: { readonly groups: number; readonly dilations: readonly number[] },
): number {
  return groups === 1 && (dilations[1] === 1 || kw === 1) ? kw * cg : cg;
}

function stepsOf(shape: Shape): number {
  return Math.ceil(elements(shape) / shape[0] / QUAD);
}

function panelsOf([oc]: Shape, groups: number): number {
  return groups * Math.ceil(oc / groups / PANEL);
}

function planned(w: Tensor, groups: number): OctPlan {
  const { shape } = w.type;
  const steps = stepsOf(shape);
  const count = panelsOf(shape, groups);
  const panels = Array.from({ length: count }, (_, panel) => {
    const [plain, magnitudes] = pairSums(w, groups, panel);
    return Array.from({ length: Math.ceil(steps / CHUNK) }, (_, c) => {
      const [from, to] = [c * CHUNK, Math.min(steps, (c + 1) * CHUNK)];
      return chunkOf(plain.subarray(from * 2 * WIDTH, to * 2 * WIDTH), magnitudes.subarray(from * WIDTH, to * WIDTH));
    });
  });
  const sum = (of: (chunk: OctChunk) => number): number => panels.flat().reduce((total, chunk) => total + of(chunk), 0);
  const [plainOcts, plainAlone, signedOcts] = [
    sum((c) => c.plainOcts),
    sum((c) => c.plainAlone),
    sum((c) => c.signedOcts),
  ];
  return {
    panels,
    plainOcts,
    plainAlone,
    signedOcts,
    signedAlone: count * steps - 2 * plainOcts - plainAlone - 2 * signedOcts,
  };
}

/** The first channel of a panel, and how many it has. */
function channelsOf([oc]: Shape, groups: number, panel: number): readonly [first: number, count: number] {
  const each = oc / groups;
  const perGroup = Math.ceil(each / PANEL);
  const at = (panel % perGroup) * PANEL;
  return [Math.floor(panel / perGroup) * each + at, Math.min(PANEL, each - at)];
}

/** Pairs of a step. */
const WIDTH = 2 * PANEL;

/** Sums of a step's pairs: [step][sign][channel][pair] of its weights of either sign, [step][channel][pair] of magnitudes. */
function pairSums(
  tensor: Tensor,
  groups: number,
  panel: number,
): readonly [plain: Uint16Array, magnitudes: Uint16Array] {
  const { shape } = tensor.type;
  const w = numberData(tensor);
  const k = elements(shape) / shape[0];
  const plain = new Uint16Array(stepsOf(shape) * 2 * WIDTH);
  const magnitudes = new Uint16Array(stepsOf(shape) * WIDTH);
  const [first, count] = channelsOf(shape, groups, panel);
  for (let o = 0; o < count; o++)
    for (let i = 0; i < k; i++) {
      const value = w[(first + o) * k + i];
      const step = Math.floor(i / QUAD);
      const pair = 2 * o + ((i >> 1) & 1);
      plain[(2 * step + (value < 0 ? 1 : 0)) * WIDTH + pair] += Math.abs(value);
      magnitudes[step * WIDTH + pair] += Math.abs(value);
    }
  return [plain, magnitudes];
}

function chunkOf(plain: Uint16Array, magnitudes: Uint16Array): OctChunk {
  const steps = Array.from({ length: magnitudes.length / WIDTH }, (_, s) => s);
  const isPlain = steps.map((s) =>
    plain.subarray(s * 2 * WIDTH, (s + 1) * 2 * WIDTH).every((sum) => sum <= PLAIN_MOST),
  );
  const unsigned = matched(
    steps.filter((s) => isPlain[s]),
    plain,
    2 * WIDTH,
    PLAIN_MOST,
  );
  const signed = matched(
    steps.filter((s) => !isPlain[s]),
    magnitudes,
    WIDTH,
    SIGNED_MOST,
  );
  return {
    plainOcts: unsigned.octs,
    plainAlone: unsigned.order.length - 2 * unsigned.octs,
    signedOcts: signed.octs,
    order: [...unsigned.order, ...signed.order],
  };
}

/** As many of the steps as possible two and two, so that all `width` sums of the two, added, are `most` at most; then the others. */
function matched(steps: readonly number[], sums: Uint16Array, width: number, most: number) {
  const largest = steps.map((s) => sums.subarray(s * width, (s + 1) * width).reduce((a, b) => Math.max(a, b), 0));
  const conflicts = new Conflicts(steps.length);
  for (const [i, a] of steps.entries())
    for (let j = i + 1; j < steps.length; j++) {
      if (largest[i] + largest[j] <= most) continue;
      const [one, other] = [a * width, steps[j] * width];
      let at = 0;
      while (at < width && sums[one + at] + sums[other + at] <= most) at++;
      if (at < width) conflicts.put(i, j);
    }
  const { order, unsafe } = pairedChannels(conflicts);
  return { octs: Math.floor(steps.length / 2) - unsafe, order: order.map((i) => steps[i]) };
}

/** Bytes before a panel's weights: of each chunk three numbers of steps, then of each step which of its chunk it is. */
function headBytes(steps: number): number {
  return Math.ceil((3 * Math.ceil(steps / CHUNK) + steps) / LINE) * LINE;
}

/** Bytes of the packed weights of a panel. */
export function octPanelBytes(shape: Shape): number {
  const steps = stepsOf(shape);
  return headBytes(steps) + steps * QUAD * PANEL;
}

export function octBytes(shape: Shape, groups: number): number {
  return panelsOf(shape, groups) * octPanelBytes(shape);
}

/** The bytes that kernels read. */
export function packedOcts(tensor: Tensor, groups: number): Uint8Array {
  const { shape } = tensor.type;
  const w = numberData(tensor);
  const k = elements(shape) / shape[0];
  const bytes = new Uint8Array(octBytes(shape, groups));
  for (const [panel, chunks] of octPlan(tensor, groups).panels.entries()) {
    const start = panel * octPanelBytes(shape);
    const steps = chunks.flatMap(({ order }, c) => order.map((step) => c * CHUNK + step));
    const [first, count] = channelsOf(shape, groups, panel);
    const counts = chunks.flatMap(({ plainOcts, plainAlone, signedOcts }) => [plainOcts, plainAlone, signedOcts]);
    bytes.set([...counts, ...steps.map((step) => step % CHUNK)], start);
    for (const [s, step] of steps.entries())
      for (let o = 0; o < count; o++)
        for (let i = step * QUAD; i < Math.min(k, (step + 1) * QUAD); i++)
          bytes[start + headBytes(steps.length) + (s * PANEL + o) * QUAD + (i % QUAD)] = w[(first + o) * k + i] & 255;
  }
  return bytes;
}
