/** How much work a convolution's kernels do, of which the cost model makes cycles, and how far its windows reach. */
import type { Node } from '../../ir/graph.js';
import { elements } from '../../ir/type.js';
import { SMALL_TILE_CYCLES } from '../../program/octs.js';
import { activationShift, parsePacking } from '../../program/packing.js';
import type { Kernel } from '../../program/program.js';
import { type Verdict, verdict } from '../../target/choose.js';
import { tileChannels } from './constants.js';

/** Channels whose pixels Winograd kernels transform at a time: fewer cost as much. */
const WINOGRAD_CHANNELS = 32;

/** Work of whole tiles over work asked for: output channels rounded up, of each group where panels end with it, for Winograd the
 * 4x4 pixels and input channels too. */
export function tilePadding(kernel: Kernel, x: readonly number[], y: readonly number[], groups: number): number {
  const [n, oh, ow, oc] = y;
  const rounded = (value: number, to: number) => (Math.ceil(value / to) * to) / value;
  const packing = parsePacking(kernel.packing, groups);
  const isWinograd = packing?.kind === 'winograd';
  const ends = packing !== undefined && 'groups' in packing ? packing.groups : 1;
  const pixels = packing?.kind === 'octs' ? rounded(n * oh * ow, OCT_PIXELS) : 1;
  const tiles = isWinograd ? rounded(oh, 4) * rounded(ow, 4) * rounded(x[3], WINOGRAD_CHANNELS) : pixels;
  const least = ends === groups ? multipliedChannels(kernel) : tileChannels(kernel);
  return rounded(oc / ends, least) * tiles * rounded(ow, rowPixels(kernel));
}

/** The least that is multiplied together: x86-avx2 leaves out the second half of a panel where it holds no channels. */
function multipliedChannels(kernel: Kernel): number {
  const nr = tileChannels(kernel);
  const kind = parsePacking(kernel.packing)?.kind;
  return kernel.isa === 'x86-avx2' && nr === 16 && kind !== undefined && /^(panels|quads|octs)$/.test(kind) ? 8 : nr;
}

/** Of the cache that cores share, what one may count on. */
const NEAR_BYTES = 4 * 2 ** 20;

/**
 * What a kernel could multiply while `bytes` of weights come from beyond L2, at about 16 a cycle, and what is more than
 * `NEAR_BYTES` at about 6. Winograd's of 7x7x512 -> 512 take 18.9 MB, and 1.2 to 1.5 times as long as direct bytes.
 */
export function meanwhile(kernel: Kernel, bytes: number): number {
  const far = Math.max(0, bytes - NEAR_BYTES);
  return (((bytes - far) / 16 + far / 6) * kernel.rate) / 10;
}

/**
 * Bytes a cycle. A pointwise convolution is copied, where bytes of the other element would be read in the image itself
 * (MobileNetV2 on VNNI: 5-14 % of the layers behind depthwise ones); others are copied anyhow, with one instruction more.
 */
const [COPIED_BYTES, FLIPPED_BYTES] = [16, 64];

/** Cycles in which x86-avx2 makes magnitudes and signs of 32 inputs of a window (conv2d_signs.h), and of the rest of it (Zen 4). */
const SIGNED_CYCLES = 3;

/**
 * Of a kernel that takes weights apart (conv2d_octs.h): pixels of its tiles, pixels that share weights taken apart, and cycles for those
 * of a step.
 */
const [OCT_PIXELS, OCT_SPAN, APART_CYCLES] = [3, 256, 4];

/** What a kernel could multiply while it turns activations of s8 into the u8 that it multiplies, or u8 into s8, or into signs. */
export function flipping(
  kernel: Kernel,
  { attrs, operands, results }: Node<'conv2d-requant'>,
  depthwise: boolean,
): number {
  const packing = parsePacking(kernel.packing, attrs.groups);
  const [x, w] = operands;
  if (packing === undefined) return 0;
  const [, kh, kw] = w.type.shape;
  const [, oh, ow] = results[0].type.shape;
  const pixels = x.type.shape[0] * oh * ow;
  if (packing.kind === 'octs') {
    const panels = attrs.groups * Math.ceil(w.type.shape[0] / attrs.groups / packing.nr);
    const steps = (kh * kw * w.type.shape[3]) / 4;
    const apart = Math.ceil(pixels / OCT_SPAN) * steps * APART_CYCLES;
    return (panels * (apart + pixels * SMALL_TILE_CYCLES) * kernel.rate) / 10;
  }
  if (kernel.isa === 'x86-avx2' && packing.kind === 'panels' && packing.x === 's8')
    return (pixels * (Math.ceil((kh * kw * x.type.shape[3]) / 32) + 1) * SIGNED_CYCLES * kernel.rate) / 10;
  if (activationShift(packing, x.type.element) === 0) return 0;
  const bytes = elements(x.type.shape);
  const isImage =
    kh * kw === 1 &&
    x.type.shape[3] % 4 === 0 &&
    attrs.groups === 1 &&
    attrs.strides.every((s) => s === 1) &&
    !depthwise;
  const windows = depthwise ? bytes : pixels * kh * kw * x.type.shape[3];
  const cycles = isImage && packing.kind !== 'quads' ? bytes / COPIED_BYTES : windows / FLIPPED_BYTES;
  return (cycles * kernel.rate) / 10;
}

/** Shorter rows of a window cost as much to copy as these many bytes do, about this many cycles at the image's edge and within it. */
const [SHORT_RUN, RUN_CYCLES] = [16, 2.5];

/**
 * What a kernel could multiply while it copies short rows of windows one by one: rates are of rows that are long. Of kernels
 * that read an image with one channel as it lies, none.
 */
export function gathering(kernel: Kernel, { attrs, operands, results }: Node<'conv2d-requant'>): number {
  const packing = parsePacking(kernel.packing, attrs.groups);
  const [, kh, kw, c] = operands[1].type.shape;
  if (packing?.kind !== 'panels' && packing?.kind !== 'quads') return 0;
  // Of several groups the taps of a row lie apart; panels that hold several take an image's channels as they lie.
  const runs = attrs.groups > 1 ? kw : 1;
  if (packing.groups !== attrs.groups || kh * kw === 1 || (kw / runs) * c >= SHORT_RUN) return 0;
  const [n, oh, ow] = results[0].type.shape;
  return (attrs.groups * n * oh * ow * kh * runs * RUN_CYCLES * kernel.rate) / 10;
}

/** Cycles that a vector of one output channel's pixels takes beside its steps, of one cycle each. */
const VECTOR_CYCLES = 3;

/**
 * What a kernel could multiply while it takes an image with one channel row by row, whose time no rate of multiplications
 * tells: windows of many taps share what a vector of pixels costs. Undefined for other kernels. Zen 4, images of 49x40 and 96x96,
 * windows of 1x9 to 10x8, 8 to 64 channels: 0.82 to 1 of what they took,
 * the tiles of 16 channels 0.72 to 1.1.
 */
export function byRows(kernel: Kernel, y: readonly number[], stored: number): number | undefined {
  if (parsePacking(kernel.packing)?.kind !== 'columns') return undefined;
  const [n, oh, ow, oc] = y;
  const vectors = n * oh * Math.ceil(ow / rowPixels(kernel));
  return (vectors * (stored / 4 + oc * VECTOR_CYCLES) * kernel.rate) / 10;
}

/** Of kernels that take rows of pixels: how many at a time. */
function rowPixels(kernel: Kernel): number {
  return Number(/^row(\d+)$/.exec(kernel.tile)?.[1] ?? 1);
}

/** BORDER_OF_ONE: windows reach over at most one column on either side of rows of `w`. */
export function columnsOutside(attrs: Node<'conv2d-requant'>['attrs'], kw: number, w: number, ow: number): Verdict {
  const [, left] = attrs.pads;
  const right = (ow - 1) * attrs.strides[1] + (kw - 1) * attrs.dilations[1] - left - (w - 1);
  const columns = `${left} and ${Math.max(0, right)} columns outside on the left and right`;
  return verdict(left <= 1 && right <= 1, columns, columns);
}

/** Groups of so many channels in and out. */
export function groupsOf(sizes: readonly number[], ins: number, outs: number): Verdict {
  return verdict(ins === outs && sizes.includes(ins), `groups of ${ins}`, `groups of ${ins} channels in, ${outs} out`);
}
