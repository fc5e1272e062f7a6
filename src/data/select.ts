/** Which samples of a source are used, and what they are called by content. Invariant: a choice depends on count and seed. */
import { createHash } from 'node:crypto';
import { error, QccError } from '../diagnostics/diagnostic.js';
import type { RawSample, Source } from './source.js';

export interface Selection {
  /** At most so many; undefined: all. */
  readonly samples: number | undefined;
  readonly seed: number;
  /** This part of `of`, from 1; the parts of a selection are disjoint and together all of it. */
  readonly shard: { readonly part: number; readonly of: number } | undefined;
}

/** `--shard 2/8`. */
export function parseShard(text: string): { readonly part: number; readonly of: number } {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  const [part, of] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || part < 1 || part > of)
    throw new QccError(
      [error('Q0605', `--shard ${text}: expected i/n`, undefined, 'shards count from 1: 1/8, 2/8, up to 8/8')],
      2,
    );
  return { part, of };
}

/** Numbers of the samples, ascending: the first `samples` of a shuffle by Fisher and Yates on xorshift32. */
export function selectedIndices(count: number, { samples, seed, shard }: Selection): readonly number[] {
  const all = Array.from({ length: count }, (_, i) => i);
  const some = samples === undefined || samples >= count ? all : shuffled(all, seed).slice(0, samples);
  const sorted = [...some].sort((a, b) => a - b);
  return shard === undefined ? sorted : sorted.filter((_, k) => k % shard.of === shard.part - 1);
}

function shuffled(items: readonly number[], seed: number): number[] {
  const list = [...items];
  let x = (2463534242 + Math.imul(seed, 2654435769)) >>> 0 || 1;
  const next = (): number => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    x >>>= 0;
    return x;
  };
  for (let i = 0; i < 20; i++) next();
  for (let i = list.length - 1; i > 0; i--) {
    const j = next() % (i + 1);
    [list[i], list[j]] = [list[j], list[i]];
  }
  return list;
}

/** The chosen samples in order. Of a stream the first ones are taken: it cannot be shuffled. */
export function* selected(source: Source, selection: Selection): Generator<RawSample> {
  if (source.kind === 'indexed') {
    for (const index of selectedIndices(source.count, selection)) yield source.at(index);
    return;
  }
  const { samples = Number.POSITIVE_INFINITY, shard } = selection;
  for (let k = 0; k < samples; k++) {
    const sample = source.next();
    if (sample === undefined) return;
    if (shard === undefined || k % shard.of === shard.part - 1) yield sample;
  }
}

/** Of the data as it lies in the source, whatever is made of it: equal samples of any two runs have equal digests. */
export function digestOf(sample: RawSample): string {
  const hash = createHash('sha256');
  for (const { array } of sample.arrays) {
    hash.update(`${array.element} ${array.shape.filter((d) => d !== 1).join()};`);
    hash.update(new Uint8Array(array.data.buffer, array.data.byteOffset, array.data.byteLength));
  }
  return hash.digest('hex').slice(0, 32);
}
