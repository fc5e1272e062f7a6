/**
 * Interval analysis per channel: which stored values each channel (last dimension) of a quantized tensor can hold.
 * Invariant: the intervals are sound for every input the graph's types allow; a channel whose ends meet is constant.
 */
import { addConstants } from '../ops/add/op.js';
import { storedSum } from '../ops/add-fixed/op.js';
import { averageMultiplier } from '../ops/average-pool/op.js';
import { residualSum } from '../ops/conv2d-requant/residual.js';
import { scaleAt, zeroPointAt } from '../quant/affine.js';
import { fma32 } from '../quant/fma.js';
import { requantize, roundHalfEven } from '../quant/requantize.js';
import { foldedRequantizer } from '../quant/rounding.js';
import type { AnyNode, Graph, Node, Value } from './graph.js';
import { numberData, type QuantType, type TensorType } from './type.js';
import { topologicalOrder } from './walk.js';

/** Smallest and largest stored value per channel. */
export interface ChannelRanges {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

export function channelCount(type: TensorType): number {
  return type.shape[type.shape.length - 1] ?? 1;
}

/** True if every group of a convolution has one input channel. */
export function isDepthwise(node: Node<'conv2d-requant'>): boolean {
  return node.attrs.groups > 1 && node.operands[1].type.shape[3] === 1;
}

/** Ranges of every quantized value. */
export function channelRanges(graph: Graph): ReadonlyMap<Value, ChannelRanges> {
  const ranges = new Map<Value, ChannelRanges>();
  const of = (value: Value): ChannelRanges => {
    const known = ranges.get(value);
    if (known !== undefined) return known;
    const made = value.kind === 'const' ? constantRanges(value) : whole(value.type);
    ranges.set(value, made);
    return made;
  };
  for (const node of topologicalOrder(graph)) {
    const made = rangesOf(node, of);
    for (const result of node.results) ranges.set(result, made ?? whole(result.type));
  }
  return ranges;
}

function whole(type: TensorType): ChannelRanges {
  const count = channelCount(type);
  const [low, high] = type.kind === 'quant' ? type.range : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return { low: new Float64Array(count).fill(low), high: new Float64Array(count).fill(high) };
}

function constantRanges(value: Value & { readonly kind: 'const' }): ChannelRanges {
  if (value.type.kind !== 'quant') return whole(value.type);
  const count = channelCount(value.type);
  const low = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  const data = numberData(value.tensor);
  for (let i = 0; i < data.length; i++) {
    const c = i % count;
    if (data[i] < low[c]) low[c] = data[i];
    if (data[i] > high[c]) high[c] = data[i];
  }
  return { low, high };
}

function rangesOf(node: AnyNode, of: (value: Value) => ChannelRanges): ChannelRanges | undefined {
  const y = node.results[0].type;
  if (y.kind !== 'quant') return undefined;
  switch (node.kind) {
    case 'conv2d-requant':
      return convRanges(node, of(node.operands[0]), y, of);
    case 'add':
      return addRanges(node, y, of);
    case 'add-fixed':
      return sumRanges(node, y, of);
    case 'average-pool-fixed':
      return clampedRanges(of(node.operands[0]), y);
    case 'max-pool':
      return of(node.operands[0]);
    case 'average-pool':
      return poolRanges(node, y, of(node.operands[0]));
    case 'lookup':
      return lookupRanges(node, of(node.operands[0]));
    case 'reshape':
      return reshapedRanges(of(node.operands[0]), channelCount(y));
    default:
      return undefined;
  }
}

/** What a convolution reads of its input channels: the zero point outside the image included. */
export function readRanges(node: Node<'conv2d-requant'>, x: ChannelRanges): ChannelRanges {
  if (node.attrs.pads.every((p) => p === 0)) return x;
  const type = node.operands[0].type;
  const zero = type.kind === 'quant' ? zeroPointAt(type.affine, 0) : 0;
  return { low: x.low.map((v) => Math.min(v, zero)), high: x.high.map((v) => Math.max(v, zero)) };
}

/** Row-major data cut into `count` channels: channel j of more channels is j % c, of fewer it is the union of its multiples. */
function reshapedRanges(x: ChannelRanges, count: number): ChannelRanges | undefined {
  const before = x.low.length;
  if (count % before === 0)
    return {
      low: Float64Array.from({ length: count }, (_, j) => x.low[j % before]),
      high: Float64Array.from({ length: count }, (_, j) => x.high[j % before]),
    };
  if (before % count !== 0) return undefined;
  const low = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < before; i++) {
    low[i % count] = Math.min(low[i % count], x.low[i]);
    high[i % count] = Math.max(high[i % count], x.high[i]);
  }
  return { low, high };
}

function convRanges(
  node: Node<'conv2d-requant'>,
  x: ChannelRanges,
  y: QuantType,
  of: (value: Value) => ChannelRanges,
): ChannelRanges | undefined {
  const [, w, bias, mult, extra] = node.operands;
  if (w.kind !== 'const' || bias.kind !== 'const' || mult.kind !== 'const' || node.attrs.lookup || y.element === 's32')
    return undefined;
  const [oc, kh, kw, cg] = w.type.shape;
  const { attrs } = node;
  const ws = numberData(w.tensor);
  const bs = numberData(bias.tensor);
  const ms = numberData(mult.tensor);
  const read = readRanges(node, x);
  const perGroup = oc / attrs.groups;
  const residual = attrs.add === 'none' ? undefined : of(extra);
  const sum = residual === undefined ? undefined : residualSum(attrs, extra.type, y);
  const to = { zero: attrs.mid_zero, low: attrs.mid_min, high: attrs.mid_max };
  const low = new Float64Array(oc);
  const high = new Float64Array(oc);
  for (let o = 0; o < oc; o++) {
    const first = Math.floor(o / perGroup) * cg;
    let accLow = bs[o];
    let accHigh = bs[o];
    for (let i = 0; i < cg; i++) {
      const a = read.low[first + i];
      const b = read.high[first + i];
      for (let t = 0; t < kh * kw; t++) {
        const v = ws[(o * kh * kw + t) * cg + i];
        accLow += Math.min(v * a, v * b);
        accHigh += Math.max(v * a, v * b);
      }
    }
    const ends = [accLow, accHigh].map(foldedRequantizer(attrs.rounding, ms, o, to));
    low[o] = residual === undefined || sum === undefined ? ends[0] : sum(ends[0], residual.low[o]);
    high[o] = residual === undefined || sum === undefined ? ends[1] : sum(ends[1], residual.high[o]);
  }
  return { low, high };
}

function addRanges(node: Node<'add'>, y: QuantType, of: (value: Value) => ChannelRanges): ChannelRanges | undefined {
  const [a, b] = node.operands;
  if (a.type.kind !== 'quant' || b.type.kind !== 'quant') return undefined;
  const count = channelCount(y);
  if (channelCount(a.type) !== count || channelCount(b.type) !== count) return undefined;
  const c = addConstants(a.type, b.type, y);
  const sum = (p: number, q: number) =>
    Math.max(y.range[0], Math.min(y.range[1], roundHalfEven(fma32(p, c.a, fma32(q, c.b, c.fixed)))));
  const [ra, rb] = [of(a), of(b)];
  return {
    low: ra.low.map((v, i) => sum(v, rb.low[i])),
    high: ra.high.map((v, i) => sum(v, rb.high[i])),
  };
}

function sumRanges(
  node: Node<'add-fixed'>,
  y: QuantType,
  of: (value: Value) => ChannelRanges,
): ChannelRanges | undefined {
  const [a, b] = node.operands;
  const { subtract } = node.attrs;
  if (a.type.kind !== 'quant' || b.type.kind !== 'quant') return undefined;
  const count = channelCount(y);
  if (channelCount(a.type) !== count || channelCount(b.type) !== count) return undefined;
  const sum = storedSum(node.attrs, a.type, b.type, y);
  const [ra, rb] = [of(a), of(b)];
  return {
    low: ra.low.map((v, i) => sum(v, subtract ? rb.high[i] : rb.low[i])),
    high: ra.high.map((v, i) => sum(v, subtract ? rb.low[i] : rb.high[i])),
  };
}

/** A mean of whole numbers lies between them. */
function clampedRanges(x: ChannelRanges, y: QuantType): ChannelRanges {
  const clamped = (v: number) => Math.max(y.range[0], Math.min(y.range[1], v));
  return { low: x.low.map(clamped), high: x.high.map(clamped) };
}

/** A constant channel stays constant only if it averages to the same value for every count of window positions. */
function poolRanges(node: Node<'average-pool'>, y: QuantType, x: ChannelRanges): ChannelRanges | undefined {
  const type = node.operands[0].type;
  if (type.kind !== 'quant') return undefined;
  const cells = node.attrs.kernel[0] * node.attrs.kernel[1];
  const [sx, zx, sy, zy] = [
    scaleAt(type.affine, 0),
    zeroPointAt(type.affine, 0),
    scaleAt(y.affine, 0),
    zeroPointAt(y.affine, 0),
  ];
  const isPadded = node.attrs.pads.some((p) => p > 0);
  const counts = isPadded ? Array.from({ length: cells }, (_, k) => k + 1) : [cells];
  const ends = (v: number): number[] =>
    counts.map((k) => {
      const m = averageMultiplier(sx, sy, node.attrs.count_include_pad ? cells : k);
      return requantize((v - zx) * k, m, zy, y.range[0], y.range[1]);
    });
  return { low: x.low.map((v) => Math.min(...ends(v))), high: x.high.map((v) => Math.max(...ends(v))) };
}

function lookupRanges(node: Node<'lookup'>, x: ChannelRanges): ChannelRanges | undefined {
  const [, table] = node.operands;
  if (table.kind !== 'const') return undefined;
  const ts = numberData(table.tensor);
  const extreme = (channel: number, pick: (a: number, b: number) => number): number => {
    let best = ts[x.low[channel] & 255];
    for (let v = x.low[channel]; v <= x.high[channel]; v++) best = pick(best, ts[v & 255]);
    return best;
  };
  return {
    low: x.low.map((_, i) => extreme(i, Math.min)),
    high: x.high.map((_, i) => extreme(i, Math.max)),
  };
}
