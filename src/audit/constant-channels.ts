/** "This channel always holds v": interval analysis of the layer that makes it, on the numbers of the model. */
import type { Findings } from './findings.js';
import type { ModelLayer, ModelLayers } from './model-layer.js';
import type { RemovedChannels } from './removed.js';
import { modelRounding } from './rounding.js';

export function auditConstantChannels(
  removed: ReadonlyMap<string, RemovedChannels>,
  layers: ModelLayers,
  findings: Findings,
): void {
  const intervals = new Intervals(removed, layers);
  for (const [name, claim] of removed) {
    const layer = layers.get(name);
    if (layer === undefined) auditPassedOn(name, claim, removed, layers, findings);
    else if (
      typeof layer === 'string' ||
      layer.y === undefined ||
      layer.bias === undefined ||
      layer.shape.oc !== claim.of
    )
      findings.open.push(`removed channels of "${name}": its layer cannot be read`);
    else auditLayerClaim(name, claim, layer, intervals, findings);
  }
}

function auditLayerClaim(
  name: string,
  claim: RemovedChannels,
  layer: ModelLayer,
  intervals: Intervals,
  findings: Findings,
): void {
  for (const [channel, constant] of claim.gone) {
    if (constant === undefined) continue;
    const [low, high] = intervals.of(name, layer, channel);
    if (low === constant && high === constant) continue;
    findings.add('Q0647', `channel ${channel} of "${name}" is not always ${constant}: it can be ${low}..${high}`);
    return;
  }
}

/** What every channel of every layer can hold, looked up when it is asked for. */
class Intervals {
  private readonly known = new Map<string, readonly [number, number]>();

  constructor(
    private readonly removed: ReadonlyMap<string, RemovedChannels>,
    private readonly layers: ModelLayers,
  ) {}

  /** Stored results of one output channel of a layer. */
  of(name: string, layer: ModelLayer, o: number): readonly [number, number] {
    const key = `${o} ${name}`;
    const found = this.known.get(key) ?? this.computed(layer, o);
    this.known.set(key, found);
    return found;
  }

  private computed(layer: ModelLayer, o: number): readonly [number, number] {
    const { kh, kw, cg, groups, oc } = layer.shape;
    const first = Math.floor(o / (oc / groups)) * cg;
    let low = layer.bias?.[o] ?? 0;
    let high = low;
    for (let c = 0; c < cg; c++) {
      let [from, to] = this.input(layer, first + c);
      if (layer.isPadded) [from, to] = [Math.min(from, layer.xZero), Math.max(to, layer.xZero)];
      for (let t = 0; t < kh * kw; t++) {
        const w = layer.weights[(o * kh * kw + t) * cg + c];
        const ends = [w * (from - layer.xZero), w * (to - layer.xZero)];
        low += Math.min(...ends);
        high += Math.max(...ends);
      }
    }
    const y = layer.y ?? { scale: 1, zero: 0, low: 0, high: 0 };
    const round = modelRounding(layer, o, y);
    return [round(low), round(high)];
  }

  /** Stored values of one channel that a layer reads. */
  private input(layer: ModelLayer, channel: number): readonly [number, number] {
    const count = layer.shape.cg * layer.shape.groups;
    const constant = layer.before
      .map((n) => this.removed.get(n))
      .find((r) => r?.of === count)
      ?.gone.get(channel);
    if (constant !== undefined) return [constant, constant];
    const name = layer.before[layer.before.length - 1] ?? '';
    const maker = this.layers.get(name);
    // With one scale and zero point from end to end, what stands between can only move, limit or average values.
    const isSame =
      maker !== undefined &&
      typeof maker !== 'string' &&
      maker.bias !== undefined &&
      maker.y?.scale === layer.xScale &&
      maker.y.zero === layer.xZero;
    if (!isSame) return layer.xRange;
    return maker.shape.oc === count ? this.of(name, maker, channel) : [maker.y.low, maker.y.high];
  }
}

/** A pool or another node without weights: the channels, and the reals they mean, are those of the layer before. */
function auditPassedOn(
  name: string,
  claim: RemovedChannels,
  removed: ReadonlyMap<string, RemovedChannels>,
  layers: ModelLayers,
  findings: Findings,
): void {
  const reader = [...layers.values()].find((l) => typeof l !== 'string' && l.before.includes(name));
  if (reader === undefined || typeof reader === 'string') {
    findings.open.push(`removed channels of "${name}": no layer reads them alone`);
    return;
  }
  const source = reader.before.slice(reader.before.indexOf(name) + 1).find((n) => removed.has(n) && layers.has(n));
  const before = source === undefined ? undefined : removed.get(source);
  const layer = source === undefined ? undefined : layers.get(source);
  if (before === undefined || layer === undefined || typeof layer === 'string' || layer.y === undefined) {
    findings.open.push(`removed channels of "${name}": what makes them is more than one layer`);
    return;
  }
  const { scale, zero } = layer.y;
  for (const [channel, constant] of claim.gone) {
    const made = before.gone.get(channel);
    const isSame = before.of === claim.of && before.gone.has(channel);
    const isEqual =
      constant === undefined || made === undefined
        ? constant === made
        : Math.abs((constant - reader.xZero) * reader.xScale - (made - zero) * scale) <= 0.5001 * reader.xScale;
    if (isSame && isEqual) continue;
    findings.add('Q0647', `channel ${channel} of "${name}" is not what "${source}" makes of it`);
    return;
  }
}
