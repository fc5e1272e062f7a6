/**
 * order-channels: channels of a tensor that only the compiler sees change places, so that neighbours, which byte kernels of x86-avx2
 * multiply and add in 16 bits, fit there for every output channel of the convolution that reads them (decision 0069).
 *
 * BEFORE  %1 = conv2d-requant(%0, @w1: s8[8,1,1,4], ...) : u8[1,9,9,8]
 *         %2 = conv2d-requant(%1, @w2: s8[8,3,3,1], ...)                     depthwise
 *         %3 = conv2d-requant(%2, @w3: s8[4,1,1,8], ...)                     @w3[., 0] + @w3[., 1] may be 200
 * AFTER   the same, with the rows of @w1 and @w2 (of their biases and multipliers) and the columns of @w3 in another order
 *
 * Exact: the same sums of the same products. It costs nothing when the network runs, where an order for some output channels alone
 * (program/quads.ts) means that every row of activations is written once more for them.
 */
import { anyNode, makeNode } from '../src/ir/build.js';
import { passesChannels } from '../src/ir/channel-classes.js';
import { channelCount, isDepthwise } from '../src/ir/channel-ranges.js';
import { gatherConstant } from '../src/ir/gather-channels.js';
import type { AnyNode, Graph, Node, Value } from '../src/ir/graph.js';
import type { Pass } from '../src/ir/pass.js';
import { mapGraph } from '../src/ir/rewrite.js';
import { elements, isByte, numberData } from '../src/ir/type.js';
import { users } from '../src/ir/walk.js';
import { Conflicts, pairedChannels } from '../src/program/channel-pairs.js';
import { hasWinogradShape } from '../src/program/lanes.js';
import type { Kernel } from '../src/program/program.js';
import { quadOrder } from '../src/program/quad-order.js';

type Convolution = Node<'conv2d-requant'>;

/** Of a value, the old channel in each place. */
type Orders = ReadonlyMap<Value, readonly number[]>;

function hasConstants({ operands: [, ...constants] }: Convolution): boolean {
  return constants.slice(0, 3).every((v) => v.kind === 'const');
}

/** Sums over all channels of x. */
function isFull(node: AnyNode): node is AnyNode & Convolution {
  return node.kind === 'conv2d-requant' && node.attrs.groups === 1 && hasConstants(node);
}

/** Its output channels may lie in any order: nothing that is added lies in another. */
function makesAnyOrder(node: AnyNode): boolean {
  return isFull(node) && node.attrs.add === 'none';
}

/** Channel c of its result is made of channel c of its first operand, and of its constants' rows c where those have rows. */
function keepsChannels(node: AnyNode): boolean {
  if (node.kind !== 'conv2d-requant') return passesChannels(node);
  const isAlone = isDepthwise(node) && node.attrs.groups === channelCount(node.results[0].type);
  return isAlone && hasConstants(node) && node.attrs.add === 'none';
}

/** The values that change with the channels of `last`, and readers of that; undefined where somebody else would notice. */
function freeValues(
  last: Value,
  readersOf: ReadonlyMap<Value, readonly AnyNode[]>,
  outputs: ReadonlySet<Value>,
): readonly Value[] | undefined {
  const values: Value[] = [];
  for (let value = last; ; ) {
    if (value.kind !== 'result' || outputs.has(value)) return undefined;
    if (value !== last && (readersOf.get(value) ?? []).length !== 1) return undefined;
    values.push(value);
    const { node } = value;
    if (makesAnyOrder(node)) return values;
    if (!keepsChannels(node) || channelCount(node.operands[0].type) !== channelCount(last.type)) return undefined;
    value = node.operands[0];
  }
}

/** Pairs are looked for among all: their number, and the time it takes, is the square of this. */
const MOST_CHANNELS = 4096;

/** Kernels may multiply neighbours of it in pairs, two channels each: Winograd's do not. */
function wantsPairs({ attrs, operands: [x, w] }: Convolution): boolean {
  const [, kh, kw, c] = w.type.shape;
  const isPaired = (kh * kw === 1 || c % 2 === 0) && c <= MOST_CHANNELS;
  return isByte(x.type) && isPaired && !hasWinogradShape(attrs, w.type.shape);
}

/** The largest sum of weights of one sign that products of x can have in 16 bits. s8 is multiplied as u8, 128 more. */
function mostOf({ operands: [x] }: Convolution): number {
  if (x.type.kind !== 'quant' || x.type.affine.per !== 'tensor') return 0;
  const largest = Math.max(x.type.range[1], x.type.affine.zeroPoint) + (x.type.element === 's8' ? 128 : 0);
  return Math.floor(32767 / largest);
}

/** Rows of weights after which it is looked whether there is any hope. */
const ROWS = 64;

/** An order in which more pairs than this do not fit is none: what kernels do about them costs more than it saves. */
const UNSAFE_SHARE = 1 / 8;

/** What this convolution adds to `known`; undefined where it has weights beyond s8, or forbids too many channels every partner. */
function withReader(known: Conflicts, conv: Convolution): Conflicts | undefined {
  const [, w] = conv.operands;
  if (w.kind !== 'const' || w.type.element !== 's8') return undefined;
  const { count } = known;
  const data = numberData(w.tensor);
  const most = mostOf(conv);
  const conflicts = known.copy();
  const rows = elements(w.type.shape) / count;
  for (let row = 0; row < rows; row++) {
    conflicts.add(data, row * count, most);
    if (row % ROWS !== ROWS - 1) continue;
    let alone = 0;
    for (let i = 0; i < count; i++) if (conflicts.partners(i) === 0) alone++;
    if (alone > count * UNSAFE_SHARE) return undefined;
  }
  return conflicts;
}

/**
 * An order for those of the readers that want one, the largest first; undefined where none is needed, or none is good. Where none suits
 * all outputs of a reader, one that suits many, if its kernel is there (`octs`).
 */
function orderFor(
  value: Value,
  readers: readonly Convolution[],
  octs: boolean,
  orders: Orders,
): readonly number[] | undefined {
  const size = ({ operands: [, w] }: Convolution): number => elements(w.type.shape);
  const bySize = readers.filter(wantsPairs).sort((a, b) => size(b) - size(a));
  if (bySize.length === 0) return undefined;
  let conflicts = new Conflicts(channelCount(value.type));
  let order: readonly number[] | undefined;
  for (const conv of bySize) {
    const more = withReader(conflicts, conv);
    if (more === undefined) continue;
    const found = pairedChannels(more);
    if (2 * found.unsafe > more.count * UNSAFE_SHARE) continue;
    conflicts = more;
    order = found.order;
  }
  const lie = Array.from({ length: Math.floor(conflicts.count / 2) }, (_, p) => conflicts.has(2 * p, 2 * p + 1));
  if (order !== undefined || !octs) return lie.some(Boolean) ? order : undefined;
  const [{ operands, results }] = bySize;
  const [, w] = operands;
  const rows = orders.get(results[0]);
  const gathered = rows === undefined ? w : gatherConstant(w, 0, rows);
  return gathered.kind === 'const' && w.type.element === 's8' ? quadOrder(gathered.tensor) : undefined;
}

function findOrders(graph: Graph, octs: boolean): Orders {
  const readersOf = users(graph);
  const outputs = new Set(graph.outputs.map((o) => o.value));
  const orders = new Map<Value, readonly number[]>();
  // From the last to the first: which output channels make a panel is known when the inputs they read are put in order.
  for (const [value, readers] of [...readersOf].reverse()) {
    const full = readers.flatMap((node) => (isFull(node) && node.operands.lastIndexOf(value) === 0 ? [node] : []));
    if (full.length === 0 || full.length !== readers.length) continue;
    const values = freeValues(value, readersOf, outputs);
    const order = values === undefined ? undefined : orderFor(value, full, octs, orders);
    if (values === undefined || order === undefined) continue;
    for (const changed of values) orders.set(changed, order);
  }
  return orders;
}

/** @param node on operands that are in their orders. */
function rebuild(node: AnyNode, old: AnyNode, orders: Orders): readonly Value[] {
  const [read, made] = [orders.get(old.operands[0]), orders.get(old.results[0])];
  if (node.kind !== 'conv2d-requant' || (read === undefined && made === undefined)) return node.results;
  const [x, w, bias, multiplier, ...rest] = node.operands;
  const ofInputs = read === undefined || isDepthwise(node) ? w : gatherConstant(w, 3, read);
  const rows = [ofInputs, bias, multiplier].map((v) => (made === undefined ? v : gatherConstant(v, 0, made)));
  const types = node.results.map(({ type }) => type);
  return anyNode(makeNode(node.kind, node.attrs, [x, ...rows, ...rest], types, node.origin)).results;
}

/** All of the pass but what it is given. */
export const description = {
  name: 'order-channels',
  doc: 'Puts channels in an order in which neighbours can be multiplied as bytes, where the target gains by it, and logs each.',
  requires: [],
  establishes: [],
  drops: [],
  numerics: 'exact',
} as const;

/** @param kernels of the target's best instruction set. */
export function orderChannels(kernels: readonly Kernel[]): Pass {
  return {
    ...description,
    run(graph, cx) {
      if (!kernels.some(({ needs }) => needs.includes('PAIR_SUM_FITS_S16'))) return graph;
      const orders = findOrders(
        graph,
        kernels.some(({ needs }) => needs.includes('OCTS_FIT_S16')),
      );
      if (orders.size === 0) return graph;
      for (const [value, order] of orders) {
        cx.hit('channels');
        if (value.kind === 'result')
          cx.log(`"${value.node.origin.names[0] ?? value.node.kind}": channels ${order.join(', ')}`);
      }
      return mapGraph(graph, (node, old) => rebuild(node, old, orders));
    },
  };
}
