/**
 * Scales that make the channels of quantized activations alike: an 8-bit step is as fine as the largest channel allows, and
 * small channels waste it. Cross-layer equalization (Nagel et al. 2019, 4.1) of activations, as SmoothQuant (Xiao et al.
 * 2022) does it for the inputs of linear layers: channel c is divided by (its range / the largest)^e. Weights have scales
 * of their own per output channel, so only what sums over the channel pays. Invariant: scales are powers of two, so that
 * the scaled float model computes the very same floats; e = 0 wins a tie.
 */
import { channelAlone, meanSquares, scaledStats } from '../quant/channel-stats.js';
import { coveringRange, type Grid, meanSquaredError, mseRange, type RangeRule } from '../quant/range-choice.js';
import type { ChannelStats, TensorStats } from '../quant/ranges.js';
import { WEIGHT_MAX } from '../quant/weight-scales.js';
import { boundsOf } from './bounds.js';
import { errorWeights } from './error-weights.js';
import type { AnyNode, Node, Value } from './graph.js';
import { sourceOf, type Unit, type Units } from './quantizable.js';
import type { ClassScales, ScaleClasses } from './scale-classes.js';
import type { Seen } from './seen.js';
import { type Bounds, f32Data } from './type.js';

/** A quantized activation of which channels may be scaled. */
interface Activation {
  readonly classes: Int32Array;
  readonly stats: TensorStats;
  readonly channels: ChannelStats;
  /** What a squared error of each channel adds to its readers, over their power. */
  readonly weights: Float64Array;
  /** Mean square of each channel. */
  readonly power: Float64Array;
  /** What a range that fits the channel alone would span. */
  readonly spans: Float64Array;
  readonly readers: readonly Reader[];
  readonly bounds: Bounds;
}

/** A convolution, and which channel of the activation each of its input channels is. */
interface Reader {
  readonly conv: Node<'conv2d'>;
  readonly channels: Int32Array;
}

/** From nothing to all alike. */
const EXPONENTS = [0, 0.25, 0.5, 0.75, 1];
/** A channel a thousand times smaller than another carries nothing worth the bits. */
const LEAST_SPAN = 2 ** -10;
/**
 * Values of a channel that tell how large it gets. Of fewer, a handful in every hundred channels is exceeded by the next sample,
 * and a channel that was stretched to the whole range is clipped there.
 */
const LEAST_VALUES = 1000;

/** What of a float graph will compute on integers. */
export interface QuantizedParts {
  readonly units: Units;
  readonly chosen: ReadonlySet<Unit>;
  readonly seen: Seen;
}

export interface Equalization extends QuantizedParts {
  readonly classes: ScaleClasses;
  readonly grid: Grid;
  readonly rules: readonly RangeRule[];
}

export function equalizingScales(input: Equalization): ClassScales {
  const scales = new Map<number, number>();
  const { activations, blocked } = activationsOf(input);
  for (const group of groupsOf(activations)) {
    const relative = new Map([...relativeSpans(group, input.classes)].filter(([id]) => !blocked.has(id)));
    let best: ClassScales = new Map();
    let least = Number.POSITIVE_INFINITY;
    for (const exponent of EXPONENTS) {
      const chosen = new Map([...relative].map(([id, span]) => [id, 2 ** Math.round(exponent * Math.log2(span))]));
      const noise = group.reduce((sum, activation) => sum + noiseOf(activation, chosen, input), 0);
      if (noise >= least) continue;
      least = noise;
      best = chosen;
    }
    for (const [id, scale] of best) if (scale !== 1) scales.set(id, scale);
  }
  return scales;
}

/** Classes are blocked where calibration did not tell the channels apart: nobody knows what scaling them would do. */
function activationsOf({ units, chosen, classes, seen, grid }: Equalization) {
  const sources = new Set<Value>();
  for (const unit of chosen) for (const value of unit.inputs) sources.add(sourceOf(value));
  const activations: Activation[] = [];
  const blocked = new Set<number>();
  for (const value of sources) {
    const label = classes.of(value);
    if (label === undefined) continue;
    const stats = seen.of(value);
    const channels = seen.channels(value, label.axis);
    const { nodes } = units.consumers(value);
    const power = channels === undefined ? undefined : meanSquares(channels);
    const weights = power === undefined ? undefined : errorWeights(value, nodes, classes, power);
    if (stats === undefined || channels === undefined || power === undefined || weights === undefined) {
      for (const id of label.classes) blocked.add(id);
      continue;
    }
    const spans = channels.mean.map((_, c) => {
      const { min, max } = mseRange(channelAlone(channels, c), grid);
      return max - min;
    });
    const readers = nodes.flatMap((node) => readerOf(node, label.classes, classes) ?? []);
    activations.push({
      classes: label.classes,
      stats,
      channels,
      weights,
      power,
      spans,
      readers,
      bounds: boundsOf(value),
    });
    if (stats.count / spans.length < LEAST_VALUES) for (const id of label.classes) blocked.add(id);
  }
  return { activations, blocked };
}

function readerOf(conv: AnyNode, of: Int32Array, classes: ScaleClasses): Reader | undefined {
  if (conv.kind !== 'conv2d' || conv.operands[1].kind !== 'const') return undefined;
  const read = classes.channelsOf(conv.operands[0]);
  if (read === undefined || read.axis !== 3) return undefined;
  const indexOf = new Map([...of].map((id, c) => [id, c]));
  return { conv, channels: read.classes.map((id) => indexOf.get(id) ?? -1) };
}

/** Activations that have a class in common have to be decided together. */
function groupsOf(activations: readonly Activation[]): readonly (readonly Activation[])[] {
  const groups = new Map<number, Activation[]>();
  for (const activation of activations) {
    const ids = new Set(activation.classes);
    const joined = [activation];
    for (const [key, members] of groups)
      if (members.some((other) => other.classes.some((id) => ids.has(id)))) {
        joined.unshift(...members);
        groups.delete(key);
      }
    groups.set(activation.classes[0], joined);
  }
  return [...groups.values()];
}

/** Of each class that may be scaled: its span over the largest one, the most of all activations. */
function relativeSpans(group: readonly Activation[], classes: ScaleClasses): ReadonlyMap<number, number> {
  const relative = new Map<number, number>();
  for (const { spans, classes: ids } of group) {
    const largest = spans.reduce((a, b) => Math.max(a, b), 0);
    for (const [c, id] of ids.entries())
      if (spans[c] > 0 && !classes.isPinned(id))
        relative.set(id, Math.max(relative.get(id) ?? LEAST_SPAN, spans[c] / largest));
  }
  return relative;
}

/** Power of what rounding the activation and the weights that read it adds, over the power of what the readers make. */
function noiseOf(activation: Activation, scales: ClassScales, { grid, rules }: Equalization): number {
  const { stats, channels, power } = activation;
  const each = Float64Array.from(activation.classes, (id) => scales.get(id) ?? 1);
  const scaled = scaledStats(stats, channels, each);
  const weights = activation.weights.map((g, c) => g * each[c] ** 2);
  const range = coveringRange(scaled, grid, rules, { weights, bounds: activation.bounds });
  let noise = 0;
  if (scaled.channels !== undefined)
    for (const [c, g] of weights.entries())
      if (g > 0) noise += g * meanSquaredError(channelAlone(scaled.channels, c), range, grid);
  for (const reader of activation.readers) noise += weightNoise(reader, each, power);
  return noise;
}

function weightNoise({ conv, channels }: Reader, scales: Float64Array, power: Float64Array): number {
  const [, w] = conv.operands;
  if (w.kind !== 'const') return 0;
  const [oc, kh, kw, cg] = w.type.shape;
  const cells = kh * kw * cg;
  const data = f32Data(w.tensor);
  let [noise, signal] = [0, 0];
  for (let o = 0; o < oc; o++) {
    const first = Math.floor(o / (oc / conv.attrs.groups)) * cg;
    let [largest, read] = [0, 0];
    for (let k = 0; k < cells; k++) {
      const c = channels[first + (k % cg)];
      if (c < 0) continue;
      const weight = data[o * cells + k];
      largest = Math.max(largest, Math.abs(weight) * scales[c]);
      read += power[c] / scales[c] ** 2;
      signal += weight ** 2 * power[c];
    }
    noise += (read * (largest / WEIGHT_MAX) ** 2) / 12;
  }
  return signal === 0 ? 0 : noise / signal;
}
