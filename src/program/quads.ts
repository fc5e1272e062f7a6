/**
 * Weights for kernels that multiply u8 by s8 in pairs whose sum must fit 16 bits (`vpmaddubsw`). Which two inputs meet is
 * free: within each 16 inputs, for some panels of 16 output channels together, an order is chosen in which as few pairs as
 * possible can overflow. Of those that still could, what is too much of one weight is taken off and multiplied once more in
 * an extra step. So is what of a weight is beyond s8 (of unsigned ones with a zero point, mostly one or two a layer).
 *
 * Invariant: for every pair of every step, sum of the positive and sum of the negative weights are at most 128 (255 * 128 <=
 * 32767), and the weights of an input, summed over its places, are the graph's. Layout: isa/x86-avx2/conv2d_quads.h.
 */
import { elements, numberData, type Tensor } from '../ir/type.js';
import { pairsOf } from './quad-pairs.js';

const BLOCK = 16;
const PANEL = 16;
/** 255 times this fits s16. */
const MOST = 128;

export interface QuadPlan {
  /** So many panels share an order. */
  readonly together: number;
  readonly groups: readonly QuadGroup[];
  /** Steps of 4 inputs and 16 channels in all panels, and how many of them hold what is left over. */
  readonly steps: number;
  readonly extraSteps: number;
  /** Share of steps that could overflow with the weights in the order in which they lie. */
  readonly unsafe: number;
  /** No group has more extra steps than half of its others, which is what the kernel has room for, and each holds s8. */
  readonly fits: boolean;
}

interface QuadGroup {
  /** First output channel, and how many there are. */
  readonly first: number;
  readonly channels: number;
  /** Pairs of each block: 8 times two places within it; of an unsafe pair the second one has something left over. */
  readonly blocks: readonly PairedBlock[];
  /** Steps of the last block without an input: its inputs come first, and such steps are left out. */
  readonly idle: number;
}

interface PairedBlock {
  readonly order: Uint8Array;
  readonly extras: readonly ExtraQuad[];
}

/** Four inputs of a block (-1: none), and what is left over of them: [channel of the group][4]. */
interface ExtraQuad {
  readonly inputs: readonly number[];
  readonly weights: Int16Array;
}

/** Steps that putting a block of a row into its order is worth, and an extra step's 4 values (measured on Zen 4). */
const BLOCK_COST = 0.5;
const EXTRA_COST = 0.5;

/** By the number of groups: convolutions of different ones may share their weights. */
const plans = new WeakMap<Tensor, Map<number, QuadPlan>>();

/** The plan of weights [oc, kh, kw, c/groups]. */
export function quadPlan(w: Tensor, groups: number): QuadPlan {
  const known = plans.get(w) ?? new Map<number, QuadPlan>();
  plans.set(w, known);
  const plan = known.get(groups) ?? planned(w, groups);
  known.set(groups, plan);
  return plan;
}

/** What a kernel does of a plan, in steps of 4 inputs and 16 channels, per row. */
export function quadWork(plan: QuadPlan): number {
  const ordering = plan.groups.reduce((sum, { blocks }) => sum + orderCost(blocks), 0);
  return plan.steps + ordering;
}

function orderCost(blocks: readonly PairedBlock[]): number {
  return blocks.reduce((sum, { extras }) => sum + BLOCK_COST + EXTRA_COST * extras.length, 0);
}

interface Layer {
  /** Weights, brought to the nearest s8. */
  readonly w: ArrayLike<number>;
  /** Of an input, what that takes off the weights of some channels. */
  readonly beyond: ReadonlyMap<number, ReadonlyMap<number, number>>;
  readonly k: number;
  readonly blocks: number;
}

/** Of weights that two s8 make up. */
export const quadRange = [-256, 254] as const;

function layerOf(tensor: Tensor): Layer {
  const k = elements(tensor.type.shape) / tensor.type.shape[0];
  const all = numberData(tensor);
  const beyond = new Map<number, Map<number, number>>();
  const layer = { beyond, k, blocks: Math.ceil(k / BLOCK) };
  if (tensor.type.element === 's8') return { ...layer, w: all };
  const w = new Int8Array(all.length);
  for (let i = 0; i < all.length; i++) {
    w[i] = Math.max(-128, Math.min(127, all[i]));
    if (w[i] === all[i]) continue;
    const channels = beyond.get(i % k) ?? new Map<number, number>();
    beyond.set(i % k, channels.set(Math.floor(i / k), all[i] - w[i]));
  }
  return { ...layer, w };
}

function isInRange(tensor: Tensor): boolean {
  return tensor.type.element === 's8' || numberData(tensor).every((v) => v >= quadRange[0] && v <= quadRange[1]);
}

function planned(tensor: Tensor, convGroups: number): QuadPlan {
  const layer = layerOf(tensor);
  const oc = tensor.type.shape[0] / convGroups;
  const panels = Math.ceil(oc / PANEL);
  const masks = Array.from({ length: convGroups * panels }, (_, p) => {
    const first = Math.floor(p / panels) * oc + (p % panels) * PANEL;
    return conflicts(layer, first, Math.min(PANEL, oc - (p % panels) * PANEL));
  });
  let best: Omit<QuadPlan, 'unsafe' | 'fits'> | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let together = 1; ; together *= 2) {
    const groups: QuadGroup[] = [];
    let steps = 0;
    let extraSteps = 0;
    let cost = 0;
    for (let g = 0; g < convGroups; g++)
      for (let p = 0; p < panels; p += together) {
        const count = Math.min(together, panels - p);
        const channels = Math.min(PANEL * count, oc - p * PANEL);
        const group = paired(layer, g * oc + p * PANEL, channels, masks.slice(g * panels + p, g * panels + p + count));
        const extra = group.blocks.reduce((sum, { extras }) => sum + extras.length, 0);
        groups.push(group);
        const base = 4 * layer.blocks - group.idle;
        steps += count * (base + extra);
        extraSteps += count * extra;
        cost += count * (base + extra) + orderCost(group.blocks);
      }
    if (cost < least) {
      least = cost;
      best = { together, groups, steps, extraSteps };
    }
    if (together >= panels || together >= 16) break;
  }
  if (best === undefined) throw new Error('a layer without panels');
  const hasRoom = best.groups.every(
    ({ blocks }) => blocks.reduce((sum, { extras }) => sum + extras.length, 0) <= 2 * layer.blocks,
  );
  return { ...best, unsafe: unsafeShare(masks, layer), fits: hasRoom && isInRange(tensor) };
}

/** Of 16 (or fewer) channels, per block and place a mask of the places it must not meet. */
function conflicts({ w, k, blocks }: Layer, first: number, channels: number): Uint16Array {
  const masks = new Uint16Array(blocks * BLOCK);
  for (let o = first; o < first + channels; o++)
    for (let b = 0; b < blocks; b++) {
      const at = o * k + b * BLOCK;
      const count = Math.min(BLOCK, k - b * BLOCK);
      for (let i = 0; i < count; i++) {
        const a = w[at + i];
        // Of a pair that is too large, one weight alone is more than half.
        if (a <= MOST / 2 && a >= -MOST / 2) continue;
        const least = a > 0 ? MOST - a : -MOST - a;
        for (let j = 0; j < count; j++)
          if (j !== i && (a > 0 ? w[at + j] > least : w[at + j] < least)) {
            masks[b * BLOCK + i] |= 1 << j;
            masks[b * BLOCK + j] |= 1 << i;
          }
      }
    }
  return masks;
}

/** Quads of neighbours, one of whose two pairs conflicts. */
function unsafeShare(masks: readonly Uint16Array[], { blocks }: Layer): number {
  let unsafe = 0;
  for (const m of masks)
    for (let i = 0; i < m.length; i += 4) {
      const at = i % BLOCK;
      if ((m[i] >> (at + 1)) & 1 || (m[i + 2] >> (at + 3)) & 1) unsafe++;
    }
  return unsafe / (masks.length * blocks * 4);
}

function paired(layer: Layer, first: number, channels: number, panels: readonly Uint16Array[]): QuadGroup {
  const blocks = Array.from({ length: layer.blocks }, (_, b) => {
    const masks = Uint16Array.from({ length: BLOCK }, (_, i) => panels.reduce((m, of) => m | of[b * BLOCK + i], 0));
    const order = inputsFirst(pairsOf(masks), layer.k - b * BLOCK);
    return { order, extras: extrasOf(layer, first, channels, b, order, masks) };
  });
  const { order } = blocks[blocks.length - 1];
  const used = order.findLastIndex((place) => place < layer.k - (layer.blocks - 1) * BLOCK);
  return { first, channels, blocks, idle: 3 - Math.floor(used / 4) };
}

/** The pairs of an order with those first that hold one of `count` inputs. */
function inputsFirst(order: Uint8Array, count: number): Uint8Array {
  const pairs = Array.from({ length: BLOCK / 2 }, (_, p) => [...order.subarray(2 * p, 2 * p + 2)]);
  const isIdle = (pair: readonly number[]): number => Number(pair.every((place) => place >= count));
  return Uint8Array.from(pairs.sort((a, b) => isIdle(a) - isIdle(b)).flat());
}

/** What is too much of the unsafe pairs, or for s8, in as few quads as a greedy search finds. */
function extrasOf(
  { w, beyond, k }: Layer,
  first: number,
  channels: number,
  block: number,
  order: Uint8Array,
  masks: Uint16Array,
): readonly ExtraQuad[] {
  const extras: { inputs: number[]; weights: Int16Array }[] = [];
  const put = (input: number, left: Int16Array): void => {
    let at = -1;
    let quad = extras.find(({ inputs, weights }) => {
      at = inputs.findIndex((taken, slot) => taken < 0 && fitsBeside(left, weights, slot ^ 1));
      return at >= 0;
    });
    if (quad === undefined) {
      at = 0;
      quad = { inputs: [-1, -1, -1, -1], weights: new Int16Array(channels * 4) };
      extras.push(quad);
    }
    quad.inputs[at] = input;
    for (let o = 0; o < channels; o++) quad.weights[o * 4 + at] = left[o];
  };
  for (let p = 0; p < BLOCK; p += 2) {
    const [i, j] = [order[p], order[p + 1]];
    if (((masks[i] >> j) & 1) === 0) continue;
    const left = Int16Array.from({ length: channels }, (_, o) => {
      const at = (first + o) * k + block * BLOCK;
      return excess(w[at + i], w[at + j]);
    });
    put(j, left);
  }
  for (let i = 0; i < BLOCK && beyond.size > 0; i++) {
    const of = [...(beyond.get(block * BLOCK + i) ?? [])].filter(([o]) => o >= first && o < first + channels);
    if (of.length === 0) continue;
    const left = new Int16Array(channels);
    for (const [o, value] of of) left[o - first] = value;
    put(i, left);
  }
  return extras;
}

/** What has to be taken off the second weight. */
function excess(a: number, b: number): number {
  if (a > 0 && b > 0) return Math.max(0, a + b - MOST);
  return a < 0 && b < 0 ? Math.min(0, a + b + MOST) : 0;
}

function fitsBeside(left: Int16Array, weights: Int16Array, slot: number): boolean {
  return left.every((value, o) => excess(value, weights[o * 4 + slot]) === 0);
}

/** Bytes of the packed weights. */
export function quadBytes(plan: QuadPlan): number {
  const last = plan.groups[plan.groups.length - 1];
  return (plan.groups.length - 1) * quadStride(plan) + groupBytes(last);
}

/** From one group of panels to the next: all begin in the same distance, so that a part of a run finds its own. */
export function quadStride({ groups, together }: QuadPlan): number {
  const whole = Math.max(64, PANEL * together);
  return Math.ceil(Math.max(...groups.map(groupBytes)) / whole) * whole;
}

function groupBytes({ channels, blocks, idle }: QuadGroup): number {
  const extras = blocks.reduce((sum, block) => sum + block.extras.length, 0);
  return (
    64 + controlBytes(blocks.length, extras) + Math.ceil(channels / PANEL) * (4 * blocks.length - idle + extras) * 64
  );
}

function controlBytes(blocks: number, extras: number): number {
  return Math.ceil((BLOCK * blocks + 8 * extras) / 64) * 64;
}

/** The bytes that kernels read. */
export function packedQuads(tensor: Tensor, convGroups: number): Uint8Array {
  const plan = quadPlan(tensor, convGroups);
  const w = numberData(tensor);
  const k = elements(tensor.type.shape) / tensor.type.shape[0];
  const bytes = new Uint8Array(quadBytes(plan));
  const view = new DataView(bytes.buffer);
  const stride = quadStride(plan);
  for (const [g, group] of plan.groups.entries()) {
    view.setInt32(g * stride + 4, plan.together, true);
    view.setInt32(g * stride + 8, stride, true);
    putGroup(view, g * stride, group, (o, i) => (i < k ? w[(group.first + o) * k + i] : 0));
  }
  return bytes;
}

function putGroup(view: DataView, start: number, group: QuadGroup, weight: (o: number, i: number) => number): void {
  const { blocks, channels, idle } = group;
  const extras = blocks.flatMap((block, b) => block.extras.map((quad) => ({ quad, offset: b * BLOCK })));
  view.setInt32(start, extras.length, true);
  view.setInt32(start + 12, idle, true);
  let at = start + 64;
  for (const { order } of blocks) for (const place of order) view.setUint8(at++, place);
  for (const { quad, offset } of extras) {
    view.setInt32(at, offset, true);
    quad.inputs.forEach((input, slot) => {
      view.setUint8(at + 4 + slot, Math.max(input, 0));
    });
    at += 8;
  }
  at = start + 64 + controlBytes(blocks.length, extras.length);
  for (let panel = 0; panel < channels; panel += PANEL) {
    const steps = (put: (o: number, slot: number) => number): void => {
      for (let o = panel; o < panel + PANEL; o++)
        for (let slot = 0; slot < 4; slot++) view.setInt8(at++, o < channels ? put(o, slot) : 0);
    };
    for (const [b, block] of blocks.entries())
      for (let q = 0; q < BLOCK - (b === blocks.length - 1 ? 4 * idle : 0); q += 4)
        steps((o, slot) => {
          const input = block.order[q + slot];
          return weight(o, b * BLOCK + input) - leftOver(block, o, input);
        });
    for (const { quad } of extras) steps((o, slot) => quad.weights[o * 4 + slot]);
  }
}

function leftOver({ extras }: PairedBlock, o: number, input: number): number {
  let sum = 0;
  for (const { inputs, weights } of extras)
    for (const [slot, of] of inputs.entries()) if (of === input) sum += weights[o * 4 + slot];
  return sum;
}
