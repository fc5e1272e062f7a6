/**
 * Where samples come from: `--calibrate` and `--data` alike. Invariant: a source reads one sample at a time and never
 * converts, so what it costs does not grow with the number of samples; `fit.ts` makes tensors of what it reads.
 */
import { type Diagnostic, error, QccError } from '../diagnostics/diagnostic.js';
import type { NpyArray } from '../npy.js';

/** One array of a sample. */
export interface RawArray {
  readonly array: NpyArray;
  /** Pixels lie as [height, width, channels] in an `image`; nothing is known about a `tensor`. */
  readonly kind: 'image' | 'tensor';
}

export interface RawSample {
  /** What the user calls it: a file, perhaps with a number. */
  readonly name: string;
  /** Class, where the source has classes. */
  readonly label: number | undefined;
  /** One per input of the model, in the graph's order. */
  readonly arrays: readonly RawArray[];
}

/** Any sample at any time. */
export interface IndexedSource {
  readonly kind: 'indexed';
  readonly count: number;
  at(index: number): RawSample;
  /** Names of the classes, where folders name them. */
  readonly classes: readonly string[] | undefined;
}

/** One after the other, once. */
export interface StreamSource {
  readonly kind: 'stream';
  next(): RawSample | undefined;
}

export type Source = IndexedSource | StreamSource;

/** The data itself is at fault. */
export function unusable(source: string, what: string, help?: string): QccError {
  return new QccError([error('Q0804', `${source}: ${what}`, undefined, help)]);
}

/** The data does not go with the inputs of the model. */
export function unfit(source: string, what: string): QccError {
  return new QccError([error('Q0607', `${source}: ${what}`)]);
}

/** Says which sample a failure is about, where a message does not. */
export function about(failure: QccError, sample: string): QccError {
  const named = (d: Diagnostic): Diagnostic =>
    d.message.startsWith(sample) ? d : { ...d, message: `${sample}: ${d.message}` };
  return new QccError(failure.diagnostics.map(named), failure.exitCode);
}

/** File names as people number them: 2 before 10. */
export function byNumber(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true }) || (a < b ? -1 : a > b ? 1 : 0);
}
