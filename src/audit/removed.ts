/** What the manifest claims about channels that were cut out, or lie in another order, read from its sentences. */
import type { ModelLayer, ModelLayers } from './model-layer.js';

export interface RemovedChannels {
  /** Channels before anything was cut. */
  readonly of: number;
  /** Those that are left, by their number in the model, as they lie. */
  readonly kept: readonly number[];
  /** Those that are gone, and the stored value they always have; undefined where nothing reads them. */
  readonly gone: ReadonlyMap<number, number | undefined>;
  /** Reasons that are neither a constant nor "never read". */
  readonly otherReasons: readonly string[];
}

/**
 * By name. Later sentences count the channels that earlier ones left. A string says which sentence makes no sense.
 */
export function removedChannels(sentences: readonly string[]): ReadonlyMap<string, RemovedChannels> | string {
  const all = new Map<string, RemovedChannels>();
  for (const sentence of sentences) {
    const parts = /^"(.*)": (\d+) of (\d+) channels \((.*)\)$/s.exec(sentence);
    if (parts === null) return `"${sentence}" is no sentence about removed channels`;
    const [, name, countText, ofText, reasons] = parts;
    const [count, of] = [Number(countText), Number(ofText)];
    const known = all.get(name) ?? untouched(of);
    if (known.kept.length !== of) return `"${name}" has ${known.kept.length} channels, not ${of}`;
    const gone = new Map(known.gone);
    const listed = new Set<number>();
    const others: string[] = [...known.otherReasons];
    for (const reason of reasons.split('; ')) {
      const [why, spans] = reason.split(': ');
      const constant = /^always (-?\d+)$/.exec(why);
      if (constant === null && why !== 'never read') others.push(why);
      for (const span of (spans ?? '').split(', ')) {
        const ends = /^(\d+)(?:-(\d+))?$/.exec(span);
        if (ends === null) return `"${name}": "${span}" names no channels`;
        for (let c = Number(ends[1]); c <= Number(ends[2] ?? ends[1]); c++) {
          if (c >= of || listed.has(c)) return `"${name}" has no channel ${c} to remove`;
          listed.add(c);
          gone.set(known.kept[c], constant === null ? undefined : Number(constant[1]));
        }
      }
    }
    if (listed.size !== count) return `"${name}": ${count} channels are counted, ${listed.size} are listed`;
    const kept = known.kept.filter((_, c) => !listed.has(c));
    all.set(name, { of: known.of, kept, gone, otherReasons: others });
  }
  return all;
}

/**
 * The same after channels changed places: each sentence names all channels of one result in their order, counted as cuts left them. Only
 * layers can read them: a string says which are read by none.
 */
export function orderedChannels(
  sentences: readonly string[],
  removed: ReadonlyMap<string, RemovedChannels>,
  layers: ModelLayers,
): ReadonlyMap<string, RemovedChannels> | string {
  const all = new Map(removed);
  const read = new Set([...layers.values()].flatMap((layer) => (typeof layer === 'string' ? [] : layer.before)));
  for (const sentence of sentences) {
    const parts = /^"(.*)": channels (\d+(?:, \d+)*)$/s.exec(sentence);
    if (parts === null) return `"${sentence}" is no sentence about an order of channels`;
    const [, name, list] = parts;
    const order = list.split(', ').map(Number);
    const known = all.get(name) ?? untouched(order.length);
    if (!read.has(name)) return `"${name}": its channels are in another order, and no layer reads them`;
    if (new Set(order).size !== known.kept.length || order.some((c) => c >= known.kept.length))
      return `"${name}": its ${known.kept.length} channels are not named once each`;
    all.set(name, { ...known, kept: order.map((c) => known.kept[c]) });
  }
  return all;
}

function untouched(of: number): RemovedChannels {
  return { of, kept: Array.from({ length: of }, (_, c) => c), gone: new Map(), otherReasons: [] };
}

export interface LayerChannels {
  /** What is claimed about the channels it reads, of a layer that sums over them. */
  readonly inputs: RemovedChannels | undefined;
  /** By their number in the model, as they lie. */
  readonly keptOut: readonly number[];
  readonly keptIn: readonly number[];
  /** Whoever passes on what the layer reads claims the same; a depthwise convolution is one who does. */
  readonly isAgreed: boolean;
}

/** @param origin names of the model nodes that the layer's step comes from. */
export function channelsOf(
  { shape: { oc, cg, groups }, before }: ModelLayer,
  origin: readonly string[],
  removed: ReadonlyMap<string, RemovedChannels>,
): LayerChannels {
  const claims = before.flatMap((name) => removed.get(name) ?? []).filter(({ of }) => of === cg * groups);
  const inputs = groups > 1 ? undefined : claims.at(0);
  const outputs = origin.map((name) => removed.get(name)).find((claim) => claim?.of === oc);
  const keptOut = outputs?.kept ?? untouched(oc).kept;
  const passed = groups > 1 && oc === groups ? [keptOut] : [];
  const isAgreed = new Set([...claims.map(({ kept }) => kept), ...passed].map((kept) => kept.join())).size <= 1;
  return { inputs, keptOut, keptIn: inputs?.kept ?? untouched(cg).kept, isAgreed };
}
