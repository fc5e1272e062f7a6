/** The quantized activations of a model: their range, and what of the values calibration saw it cuts. */
import type { QuantizeSettings } from '../../passes/quantize.js';
import type { Graph } from '../ir/graph.js';
import { layoutRoot } from '../ir/quantizable.js';
import { topologicalOrder } from '../ir/walk.js';
import type { TensorStats } from '../quant/ranges.js';
import { namesOfRoots } from './layers.js';

export interface TensorFacts {
  readonly name: string;
  readonly element: string;
  readonly scale: number;
  readonly zeroPoint: number;
  readonly seen: readonly [number, number];
  /** What the smallest and the largest stored value mean. */
  readonly range: readonly [number, number];
  /** Share of the values that lie beyond the range by more than half a step. */
  readonly saturated: number;
  readonly stats: TensorStats;
}

/** In the order of the graph. */
export function tensorsOf(quantized: Graph, { ranges }: QuantizeSettings): readonly TensorFacts[] {
  const names = namesOfRoots(quantized);
  return topologicalOrder(quantized).flatMap((node): TensorFacts[] => {
    if (node.kind !== 'quantize') return [];
    const { type } = node.results[0];
    const name = names.get(layoutRoot(node.operands[0]));
    const stats = name === undefined ? undefined : ranges.get(name);
    if (name === undefined || stats === undefined || type.kind !== 'quant' || type.affine.per !== 'tensor') return [];
    const { scale, zeroPoint } = type.affine;
    const range = [(type.range[0] - zeroPoint) * scale, (type.range[1] - zeroPoint) * scale] as const;
    const kept = countBetween(stats, range[0] - scale / 2, range[1] + scale / 2);
    const saturated = stats.count === 0 ? 0 : Math.max(0, 1 - kept / stats.count);
    return [{ name, element: type.element, scale, zeroPoint, seen: [stats.min, stats.max], range, saturated, stats }];
  });
}

/** Values between two bounds; a bin that a bound cuts counts in proportion, but what lies outside of what was seen is empty. */
function countBetween({ histogram, min, max }: TensorStats, low: number, high: number): number {
  const width = 2 ** histogram.exponent;
  let sum = 0;
  for (const [i, count] of histogram.counts.entries()) {
    const from = Math.max((histogram.first + i) * width, min);
    const to = Math.min((histogram.first + i + 1) * width, max);
    if (from >= low && to <= high) sum += count;
    else if (to > from) sum += count * Math.max(0, (Math.min(to, high) - Math.max(from, low)) / (to - from));
  }
  return sum;
}

/** Counts in `bars` equal parts from `from` to `to`. */
export function rebinned({ histogram, min, max }: TensorStats, from: number, to: number, bars: number): number[] {
  const counts = new Array<number>(bars).fill(0);
  const width = 2 ** histogram.exponent;
  const bar = (to - from) / bars;
  if (!(bar > 0)) return counts;
  for (const [i, count] of histogram.counts.entries()) {
    const low = Math.max((histogram.first + i) * width, min);
    const high = Math.max(low, Math.min((histogram.first + i + 1) * width, max));
    const first = clamped(Math.floor((low - from) / bar), bars);
    const last = clamped(Math.floor((high - from) / bar), bars);
    for (let k = first; k <= last; k++) {
      const part = Math.min(high, from + (k + 1) * bar) - Math.max(low, from + k * bar);
      counts[k] += first === last ? count : (count * Math.max(0, part)) / (high - low);
    }
  }
  return counts;
}

function clamped(index: number, count: number): number {
  return Math.min(Math.max(index, 0), count - 1);
}
