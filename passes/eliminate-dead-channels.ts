/**
 * eliminate-dead-channels: channels that always hold one value, or that nobody reads, are cut out.
 *
 * BEFORE  %1 = conv2d-requant(%0, @w1: s8[8,3,3,3], ...) : u8[1,9,9,8]     channel 5 of %1 is always 0
 *         %2 = conv2d-requant(%1, @w2: s8[4,1,1,8], @b2, ...)
 * AFTER   %1 = conv2d-requant(%0, @w1': s8[7,3,3,3], ...) : u8[1,9,9,7]
 *         %2 = conv2d-requant(%1, @w2': s8[4,1,1,7], @b2 + 0 * w2[.,.,.,5], ...)
 *
 * Exact: a constant channel's products are one constant, which moves into the bias; where the convolution pads, only if
 * that value is the zero point, since that is what it reads outside the image. A class of channels that stay apart
 * (through depthwise convolutions, additions, pools, tables, reshapes) goes as a whole. Every removal is logged.
 */
import { anyNode, constant, makeNode, withOperands } from '../src/ir/build.js';
import { type ChannelReader, channelClasses, isFullConvolution } from '../src/ir/channel-classes.js';
import { type ChannelRanges, channelCount, channelRanges, readRanges } from '../src/ir/channel-ranges.js';
import { gatherConstant } from '../src/ir/gather-channels.js';
import type { AnyNode, Const, Graph, Node, Value } from '../src/ir/graph.js';
import { definePass, type PassContext } from '../src/ir/pass.js';
import { numberData, withShape } from '../src/ir/type.js';
import { topologicalOrder } from '../src/ir/walk.js';

type Ranges = ReadonlyMap<Value, ChannelRanges>;
/** Channels that go, per value; a value that keeps all of them is not listed. */
type Removals = ReadonlyMap<Value, ReadonlySet<number>>;

/** The one value a convolution reads of this channel, wherever it looks; undefined if there is more than one. */
function constantRead(reader: ChannelReader, ranges: Ranges): number | undefined {
  const range = ranges.get(reader.value);
  if (range === undefined) return undefined;
  const { low, high } = readRanges(reader.conv, range);
  return low[reader.channel] === high[reader.channel] ? low[reader.channel] : undefined;
}

function hasZeroWeights(reader: ChannelReader): boolean {
  const w = reader.conv.operands[1];
  if (w.kind !== 'const') return false;
  const data = numberData(w.tensor);
  const count = channelCount(w.type);
  for (let i = reader.channel; i < data.length; i += count) if (data[i] !== 0) return false;
  return true;
}

interface Removed {
  readonly value: Value;
  readonly channel: number;
  readonly why: string;
}

/** What can go, with the reason; every value keeps a channel. */
function findRemovals(graph: Graph, ranges: Ranges): Removed[] {
  const candidates = channelClasses(graph).filter((c) =>
    c.readers.every((r) => hasZeroWeights(r) || constantRead(r, ranges) !== undefined),
  );
  const left = new Map<Value, number>();
  const removed: Removed[] = [];
  for (const { members, readers } of candidates) {
    const wanted = new Map<Value, number>();
    for (const { value } of members) wanted.set(value, (wanted.get(value) ?? 0) + 1);
    const leftOf = (value: Value) => left.get(value) ?? channelCount(value.type);
    if ([...wanted].some(([value, count]) => leftOf(value) - count < 1)) continue;
    for (const [value, count] of wanted) left.set(value, leftOf(value) - count);
    const unread = readers.every(hasZeroWeights);
    for (const { value, channel } of members) {
      const range = ranges.get(value);
      const isConstant = range !== undefined && range.low[channel] === range.high[channel];
      removed.push({
        value,
        channel,
        why: isConstant ? `always ${range.low[channel]}` : unread ? 'never read' : 'read as a constant',
      });
    }
  }
  return removed;
}

function kept(value: Value, removals: Removals): number[] {
  const gone = removals.get(value);
  return Array.from({ length: channelCount(value.type) }, (_, c) => c).filter((c) => gone?.has(c) !== true);
}

/** The bias with the products of the input channels that go. */
function biasWithout(conv: Node<'conv2d-requant'>, gone: ReadonlySet<number>, ranges: Ranges): Const {
  const [x, w, bias] = conv.operands;
  if (w.kind !== 'const' || bias.kind !== 'const') throw new TypeError('weights and bias are constant');
  const data = Int32Array.from(numberData(bias.tensor));
  const ws = numberData(w.tensor);
  const count = channelCount(w.type);
  const cells = ws.length / data.length;
  for (const channel of gone) {
    const value = constantRead({ conv, value: x, channel }, ranges);
    if (value === undefined) continue; // its weights are all zero
    for (let o = 0; o < data.length; o++)
      for (let i = channel; i < cells; i += count) data[o] += value * ws[o * cells + i];
  }
  return constant(bias.name, { type: bias.type, data });
}

/** `old` on operands that have lost their channels. */
function rebuild(old: AnyNode, operands: readonly Value[], removals: Removals, ranges: Ranges): readonly Value[] {
  const [result] = old.results;
  const isCut = removals.has(result) || old.operands.some((v) => removals.has(v));
  if (!isCut) return withOperands(old, operands).results;
  const keep = kept(result, removals);
  const types = [withShape(result.type, [...result.type.shape.slice(0, -1), keep.length])];
  if (old.kind === 'conv2d-requant' && isFullConvolution(old)) {
    const [x, w, , multiplier] = old.operands;
    const read = kept(x, removals);
    const parts = [gatherConstant(w, 3, read), biasWithout(old, removals.get(x) ?? new Set(), ranges), multiplier];
    const sliced = parts.map((part) => gatherConstant(part, 0, keep));
    return makeNode(old.kind, old.attrs, [operands[0], ...sliced], types, old.origin).results;
  }
  if (old.kind === 'conv2d-requant') {
    const attrs = { ...old.attrs, groups: channelCount(operands[0].type) };
    const parts = operands.slice(1).map((v) => gatherConstant(v, 0, keep));
    return makeNode(old.kind, attrs, [operands[0], ...parts], types, old.origin).results;
  }
  if (old.kind === 'reshape') return makeNode(old.kind, { shape: types[0].shape }, operands, types, old.origin).results;
  const cut = operands.map((v) =>
    v.kind === 'const' && removals.has(v) ? gatherConstant(v, v.type.shape.length - 1, kept(v, removals)) : v,
  );
  return anyNode(makeNode(old.kind, old.attrs, cut, types, old.origin)).results;
}

function cutChannels(graph: Graph, removals: Removals, ranges: Ranges): Graph {
  const replaced = new Map<Value, Value>();
  const resolve = (value: Value): Value => replaced.get(value) ?? value;
  for (const old of topologicalOrder(graph)) {
    const results = rebuild(old, old.operands.map(resolve), removals, ranges);
    for (const [i, result] of old.results.entries()) replaced.set(result, results[i]);
  }
  return { ...graph, outputs: graph.outputs.map((o) => ({ name: o.name, value: resolve(o.value) })) };
}

/** [0, 1, 2, 5] as "0-2, 5". */
function spans(channels: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < channels.length; ) {
    let last = i;
    while (channels[last + 1] === channels[last] + 1) last++;
    parts.push(last === i ? `${channels[i]}` : `${channels[i]}-${channels[last]}`);
    i = last + 1;
  }
  return parts.join(', ');
}

function logRemovals(removed: readonly Removed[], cx: PassContext): void {
  const byValue = new Map<Value, Map<string, number[]>>();
  for (const { value, channel, why } of removed) {
    const reasons = byValue.get(value) ?? new Map<string, number[]>();
    byValue.set(value, reasons);
    reasons.set(why, [...(reasons.get(why) ?? []), channel]);
  }
  for (const [value, reasons] of byValue) {
    const name = value.kind === 'result' ? (value.node.origin.names[0] ?? value.node.kind) : value.name;
    const count = [...reasons.values()].reduce((n, list) => n + list.length, 0);
    const what = [...reasons].map(([why, list]) => `${why}: ${spans(list)}`).join('; ');
    cx.log(`"${name}": ${count} of ${channelCount(value.type)} channels (${what})`);
  }
}

const ROUNDS = 50;

export const eliminateDeadChannels = definePass({
  name: 'eliminate-dead-channels',
  doc: 'Cuts out channels that always hold one value or that nobody reads, bit-exactly, and logs each.',
  requires: ['explicit-requantize'],
  establishes: [],
  drops: [],
  numerics: 'exact',
  run(graph, cx) {
    let current = graph;
    for (let round = 0; round < ROUNDS; round++) {
      const ranges = channelRanges(current);
      const removed = findRemovals(current, ranges);
      if (removed.length === 0) break;
      const removals = new Map<Value, Set<number>>();
      for (const { value, channel } of removed)
        removals.set(value, (removals.get(value) ?? new Set<number>()).add(channel));
      logRemovals(removed, cx);
      cx.hit('channels');
      current = cutChannels(current, removals, ranges);
    }
    return current;
  },
});
