/**
 * Which channels live and die together. An element-wise op, a pool or a depthwise convolution keeps channels apart, so a
 * channel of its result is gone exactly if that channel of its operands is. Invariant: a class that is not pinned can
 * be cut out of the graph without any other channel noticing, but for the terms of convolutions listed as its readers.
 */
import { channelCount, isDepthwise } from './channel-ranges.js';
import type { AnyNode, Graph, Node, Value } from './graph.js';
import { topologicalOrder } from './walk.js';

/** A convolution that sums over the channel. */
export interface ChannelReader {
  readonly conv: Node<'conv2d-requant'>;
  readonly value: Value;
  readonly channel: number;
}

export interface ChannelClass {
  readonly members: readonly { readonly value: Value; readonly channel: number }[];
  readonly readers: readonly ChannelReader[];
}

/** An operand whose channels are the result's: channel `operand[i]` of it with channel `result[i]`. */
interface Link {
  readonly index: number;
  readonly operand: Int32Array;
  readonly result: Int32Array;
}

function linked(index: number, count: number, operandOf: (i: number) => number, resultOf = (i: number) => i): Link {
  const all = Int32Array.from({ length: count }, (_, i) => i);
  return { index, operand: all.map(operandOf), result: all.map(resultOf) };
}

/** Channel c of its result is made of channel c of its first operand alone, and of nothing that differs from channel to channel. */
export function passesChannels({ kind }: AnyNode): boolean {
  return kind === 'max-pool' || kind === 'average-pool' || kind === 'average-pool-fixed' || kind === 'lookup';
}

/** Links of a node that keeps channels apart; undefined for one that mixes them or that this analysis does not know. */
export function channelLinks(node: AnyNode): readonly Link[] | undefined {
  const count = channelCount(node.results[0].type);
  switch (node.kind) {
    case 'conv2d-requant': {
      if (!isDepthwise(node) || node.operands.length > 4) return undefined;
      const multiplier = count / node.attrs.groups;
      return [linked(0, count, (o) => Math.floor(o / multiplier))];
    }
    case 'add':
    case 'add-fixed':
      return [0, 1].flatMap((i) => (channelCount(node.operands[i].type) === count ? [linked(i, count, (c) => c)] : []));
    case 'reshape': {
      const before = channelCount(node.operands[0].type);
      if (count % before === 0) return [linked(0, count, (c) => c % before)];
      return before % count === 0
        ? [
            linked(
              0,
              before,
              (c) => c,
              (c) => c % count,
            ),
          ]
        : undefined;
    }
    default:
      return passesChannels(node) ? [linked(0, count, (c) => c)] : undefined;
  }
}

/** A convolution over all channels of x whose outputs can be dropped one by one. */
export function isFullConvolution(node: Node<'conv2d-requant'>): boolean {
  return (
    node.attrs.groups === 1 && node.operands.length === 4 && node.operands.slice(1).every((v) => v.kind === 'const')
  );
}

/** Classes of channels that nothing but convolutions reads from outside. */
export function channelClasses(graph: Graph): readonly ChannelClass[] {
  const base = new Map<Value, number>();
  const values: Value[] = [];
  let size = 0;
  const track = (value: Value): number => {
    const known = base.get(value);
    if (known !== undefined) return known;
    const at = size;
    base.set(value, at);
    values.push(value);
    size += channelCount(value.type);
    return at;
  };
  const pins: Value[] = [...graph.inputs, ...graph.outputs.map((o) => o.value)];
  const unions: [number, number][] = [];
  const readers: ChannelReader[] = [];
  for (const node of topologicalOrder(graph)) {
    const links = channelLinks(node);
    if (links !== undefined) {
      const result = track(node.results[0]);
      for (const link of links) {
        const operand = track(node.operands[link.index]);
        link.operand.forEach((c, i) => {
          unions.push([operand + c, result + link.result[i]]);
        });
      }
      // What is not linked is read whole: a table, an operand of one channel that repeats.
      pins.push(...node.operands.filter((_, i) => links.every((l) => l.index !== i)));
    } else if (node.kind === 'conv2d-requant' && isFullConvolution(node)) {
      const [value] = node.operands;
      track(node.results[0]);
      track(value);
      for (let channel = 0; channel < channelCount(value.type); channel++) readers.push({ conv: node, value, channel });
    } else pins.push(...node.operands, ...node.results);
  }
  return collect(values, base, size, pins, unions, readers);
}

function collect(
  values: readonly Value[],
  base: ReadonlyMap<Value, number>,
  size: number,
  pins: readonly Value[],
  unions: readonly (readonly [number, number])[],
  readers: readonly ChannelReader[],
): ChannelClass[] {
  const parent = Int32Array.from({ length: size }, (_, i) => i);
  const find = (i: number): number => {
    let root = i;
    while (parent[root] !== root) root = parent[root];
    for (let at = i; parent[at] !== root; ) [at, parent[at]] = [parent[at], root];
    return root;
  };
  for (const [a, b] of unions) parent[find(a)] = find(b);
  const pinned = new Uint8Array(size);
  for (const value of pins) {
    const at = base.get(value);
    if (at !== undefined) for (let c = 0; c < channelCount(value.type); c++) pinned[find(at + c)] = 1;
  }
  const classes = new Map<number, { members: ChannelClass['members'][number][]; readers: ChannelReader[] }>();
  for (const value of values)
    for (let channel = 0; channel < channelCount(value.type); channel++) {
      const root = find((base.get(value) ?? 0) + channel);
      if (pinned[root] === 1) continue;
      const found = classes.get(root) ?? { members: [], readers: [] };
      classes.set(root, found);
      found.members.push({ value, channel });
    }
  for (const reader of readers) classes.get(find((base.get(reader.value) ?? 0) + reader.channel))?.readers.push(reader);
  return [...classes.values()];
}
