/** What the manifest claims about channels that were cut out, read from its sentences. */

export interface RemovedChannels {
  /** Channels before anything was cut. */
  readonly of: number;
  /** Those that are left, by their number in the model. */
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
    const known = all.get(name) ?? {
      of,
      kept: Array.from({ length: of }, (_, c) => c),
      gone: new Map<number, number | undefined>(),
      otherReasons: [],
    };
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
