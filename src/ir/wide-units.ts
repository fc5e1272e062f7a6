/**
 * Which parts of a quantized float graph compute on int16 activations (decision 0045). Invariant: a unit that does reads int16
 * values only; what makes them can store 16 bits, or floats where floats are allowed.
 */
import { WEIGHT_MAX, WIDE_MAX, wideScale } from '../quant/weight-scales.js';
import { boundsOf } from './bounds.js';
import type { Node, Value } from './graph.js';
import { sourceOf, type Unit, type Units } from './quantizable.js';
import type { ScaleGroups } from './scale-groups.js';
import type { Seen } from './seen.js';
import { f32Data } from './type.js';

/** What sums of products may reach: int32 less the quarter that biases are kept within, and what their correction adds. */
const SUM_MOST = 1.5e9;
/** Scales of weights that are fitted are up to 8/256 smaller than the largest weight's. */
const SLACK = 1.04;
/**
 * Over the largest value seen, for larger ones that calibration has not seen (decision 0066). 8 bits have to weigh that against
 * their steps; of 16 it takes one, and nobody sees the difference.
 */
const ROOM = 2;

/** @param integerOnly no float may be computed between stored integers. */
export function canWiden(unit: Unit, units: Units, integerOnly: boolean): boolean {
  return isWideKind(unit) && (!integerOnly || unit.inputs.every((value) => canStoreWide(value, units)));
}

/** Ops with a form on int16: sums of products with constant weights, additions, multiplications, means. */
function isWideKind({ kind, nodes }: Unit): boolean {
  return kind === 'product' ? nodes.some((node) => node.kind === 'conv2d') : kind === 'pair' || kind === 'pool';
}

/** Whether an integer kernel stores what makes these elements in 16 bits. Means of 8 bits are not among them. */
function canStoreWide(value: Value, units: Units): boolean {
  const source = sourceOf(value);
  if (source.kind === 'param') return true;
  const maker = units.unitThatMakes(source);
  if (maker === undefined) return false;
  if (maker.kind === 'concat') return maker.inputs.every((input) => canStoreWide(input, units));
  return maker.kind !== 'pool' && isWideKind(maker);
}

/**
 * The largest stored value of what a product reads with which no sum of its products leaves 32 bits, whatever is stored.
 * More levels than the noise of 8-bit weights leaves visible would be of no use anyway.
 */
export function narrowLimit({ nodes }: Unit): number {
  const conv = nodes.find((node): node is Node<'conv2d'> => node.kind === 'conv2d');
  const w = conv?.operands[1];
  if (w?.kind !== 'const') return WIDE_MAX;
  const data = f32Data(w.tensor);
  const cells = data.length / w.type.shape[0];
  let limit = WIDE_MAX;
  for (let o = 0; o < data.length; o += cells) {
    let [sum, largest] = [0, 0];
    for (let i = o; i < o + cells; i++) {
      const size = Math.abs(data[i]);
      sum += size;
      if (size > largest) largest = size;
    }
    const stored = largest === 0 ? 0 : ((sum * WEIGHT_MAX) / largest) * SLACK + cells / 2;
    if (stored > 0) limit = Math.min(limit, Math.floor(SUM_MOST / Math.min(stored, cells * WEIGHT_MAX)));
  }
  return limit;
}

/** int16 activations: the largest stored value, what it means, and what was seen. */
export interface WideType {
  readonly limit: number;
  readonly most: number;
  readonly scale: number;
}

/** What is stored in 16 bits, by the representative of its group: its type, and the reals its levels end at. */
export function wideTypes(
  wide: ReadonlySet<Unit>,
  quantized: ReadonlySet<Value>,
  groups: ScaleGroups,
  seen: Seen,
): ReadonlyMap<Value, WideType> {
  const limits = new Map<Value, number>();
  for (const unit of wide)
    for (const input of unit.inputs) {
      const root = groups.rootOf(sourceOf(input));
      limits.set(root, Math.min(limits.get(root) ?? Number.POSITIVE_INFINITY, narrowLimit(unit)));
    }
  const found = new Map<Value, WideType>();
  for (const value of quantized) {
    const root = groups.rootOf(value);
    const limit = limits.get(root);
    const stats = seen.of(value);
    if (limit === undefined || stats === undefined) continue;
    const bounds = boundsOf(value);
    const largest = Math.min(ROOM * Math.max(-stats.min, stats.max), Math.max(-bounds.min, bounds.max));
    const most = Math.max(found.get(root)?.most ?? 0, largest);
    found.set(root, { limit, most, scale: wideScale(most, limit) });
  }
  return found;
}
