/**
 * Weights for kernels that multiply u8 by s8 in pairs whose sum must fit 16 bits (`vpmaddubsw`). Which two inputs meet is
 * free: within each 16 inputs, for some panels of 16 output channels together, an order is chosen in which as few pairs as
 * possible can overflow. Those that still could exchange an input with a pair anywhere (quad-exchange.ts). Of what is left, what
 * is too much of one weight is taken off and multiplied once more in an extra step. So is what of a weight is beyond s8 (of unsigned ones with a zero point, mostly one or two a layer).
 *
 * Invariant: for every pair of every step, sum of the positive and sum of the negative weights are at most 128 (255 * 128 <=
 * 32767), and the weights of an input, summed over its places, are the graph's. Layout: isa/x86-avx2/conv2d_quads.h.
 */
import { elements, numberData, type Tensor } from '../ir/type.js';
import { plannedOnce } from './plan-cache.js';
import { exchangeInputs } from './quad-exchange.js';
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
  /** Of each 16 inputs the places (in these 16) that one shuffle takes. */
  readonly order: Uint8Array;
  /** The input in each place of the steps, two and two a pair: mostly as `order` says. */
  readonly inputs: Int32Array;
  readonly extras: readonly ExtraQuad[];
  /** Steps of the last block without an input: its inputs come first, and such steps are left out. */
  readonly idle: number;
}

/** Four inputs (-1: none), and what is left over of them: [channel of the group][4]. */
interface ExtraQuad {
  readonly inputs: readonly number[];
  readonly weights: Int16Array;
}

/** Steps that putting a block of a row into its order is worth, and a single input (measured on Zen 4). */
const BLOCK_COST = 0.35;
const MOVE_COST = 0.55;

/** The plan of weights [oc, kh, kw, c/groups]. */
export const quadPlan = plannedOnce(planned);

/** What a kernel does of a plan, in steps of 4 inputs and 16 channels, per row. */
export function quadWork(plan: QuadPlan): number {
  return plan.steps + plan.groups.reduce((sum, group) => sum + orderCost(group), 0);
}

function orderCost(group: QuadGroup): number {
  return (BLOCK_COST * group.order.length) / BLOCK + MOVE_COST * movesOf(group).length;
}

interface Move {
  /** In the ordered row. */
  readonly place: number;
  readonly input: number;
}

/** What the shuffles do not put in its place. */
function movesOf({ order, inputs, extras }: QuadGroup): readonly Move[] {
  const all = [...inputs, ...extras.flatMap((quad) => quad.inputs)];
  const shuffled = (place: number): number => (place < inputs.length ? place - (place % BLOCK) + order[place] : -1);
  return all.flatMap((input, place) => (input === shuffled(place) ? [] : [{ place, input }]));
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
        const extra = group.extras.length;
        groups.push(group);
        const base = 4 * layer.blocks - group.idle;
        steps += count * (base + extra);
        extraSteps += count * extra;
        cost += count * (base + extra) + orderCost(group);
      }
    if (cost < least) {
      least = cost;
      best = { together, groups, steps, extraSteps };
    }
    if (together >= panels || together >= 16) break;
  }
  if (best === undefined) throw new Error('a layer without panels');
  const hasRoom = best.groups.every(({ extras }) => extras.length <= 2 * layer.blocks);
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
  const order = new Uint8Array(layer.blocks * BLOCK);
  const unsafe: number[] = [];
  for (let at = 0; at < order.length; at += BLOCK) {
    const masks = Uint16Array.from({ length: BLOCK }, (_, i) => panels.reduce((m, of) => m | of[at + i], 0));
    const chosen = inputsFirst(pairsOf(masks), layer.k - at);
    order.set(chosen, at);
    for (let p = 0; p < BLOCK; p += 2) if ((masks[chosen[p]] >> chosen[p + 1]) & 1) unsafe.push(at + p);
  }
  const last = order.length - BLOCK;
  const idle = 3 - Math.floor(order.subarray(last).findLastIndex((place) => last + place < layer.k) / 4);
  const inputs = Int32Array.from(order.subarray(0, order.length - 4 * idle), (place, s) => s - (s % BLOCK) + place);
  const left = exchangeInputs(inputs, unsafe, { w: layer.w, k: layer.k, first, channels, most: MOST });
  return { first, channels, order, inputs, extras: extrasOf(layer, first, channels, inputs, left), idle };
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
  inputs: Int32Array,
  unsafe: readonly number[],
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
  for (const p of unsafe) {
    const [i, j] = [inputs[p], inputs[p + 1]];
    put(
      j,
      Int16Array.from({ length: channels }, (_, o) => excess(w[(first + o) * k + i], w[(first + o) * k + j])),
    );
  }
  for (const [i, of] of beyond) {
    const here = [...of].filter(([o]) => o >= first && o < first + channels);
    if (here.length === 0) continue;
    const left = new Int16Array(channels);
    for (const [o, value] of here) left[o - first] = value;
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

function groupBytes(group: QuadGroup): number {
  const { channels, inputs, extras } = group;
  return 64 + controlBytes(group) + Math.ceil(channels / PANEL) * (inputs.length / 4 + extras.length) * 64;
}

function controlBytes(group: QuadGroup): number {
  return Math.ceil((group.order.length + 8 * movesOf(group).length) / 64) * 64;
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
  const { order, inputs, extras, channels, idle } = group;
  const moves = movesOf(group);
  view.setInt32(start, extras.length, true);
  view.setInt32(start + 12, idle, true);
  view.setInt32(start + 16, moves.length, true);
  for (const [place, from] of order.entries()) view.setUint8(start + 64 + place, from);
  for (const [m, { place, input }] of moves.entries()) {
    const at = start + 64 + order.length + 8 * m;
    view.setInt32(at, place, true);
    view.setInt32(at + 4, input, true);
  }
  let at = start + 64 + controlBytes(group);
  const left = leftOver(extras);
  for (let panel = 0; panel < channels; panel += PANEL) {
    const step = (put: (o: number, slot: number) => number): void => {
      for (let o = panel; o < panel + PANEL; o++)
        for (let slot = 0; slot < 4; slot++) view.setInt8(at++, o < channels ? put(o, slot) : 0);
    };
    for (let s = 0; s < inputs.length; s += 4)
      step((o, slot) => weight(o, inputs[s + slot]) - (left.get(inputs[s + slot])?.[o] ?? 0));
    for (const { weights } of extras) step((o, slot) => weights[o * 4 + slot]);
  }
}

/** Of inputs, what extra steps multiply for each channel. */
function leftOver(extras: readonly ExtraQuad[]): ReadonlyMap<number, Int32Array> {
  const left = new Map<number, Int32Array>();
  for (const { inputs, weights } of extras)
    for (const [slot, input] of inputs.entries()) {
      if (input < 0) continue;
      const sum = left.get(input) ?? new Int32Array(weights.length / 4);
      for (let o = 0; o < sum.length; o++) sum[o] += weights[o * 4 + slot];
      left.set(input, sum);
    }
  return left;
}
