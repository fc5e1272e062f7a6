/** The header of a .npy file: a Python dictionary in a fixed form. Invariant: what is not of that form is refused. */
import type { Shape } from './ir/type.js';

export interface NpyHeader {
  /** `<f4`, `|i1`, ... */
  readonly descr: string;
  readonly isFortran: boolean;
  readonly shape: Shape;
}

const entry = /\s*(?:'(\w+)'|"(\w+)")\s*:\s*(?:'([^'\\]*)'|"([^"\\]*)"|(True|False)|\(([^()]*)\))\s*(,|(?=\}))/y;

/** Undefined if `text` is not `{'descr': text, 'fortran_order': bool, 'shape': tuple}` in any order, each key once. */
export function parseNpyHeader(text: string): NpyHeader | undefined {
  const body = /^\s*\{/.exec(text);
  if (body === null) return undefined;
  let at = body[0].length;
  let descr: string | undefined;
  let isFortran: boolean | undefined;
  let shape: Shape | undefined;
  const seen = new Set<string>();
  for (;;) {
    entry.lastIndex = at;
    const match = entry.exec(text);
    if (match === null) break;
    at = entry.lastIndex;
    const [, key1, key2, text1, text2, bool, tuple] = match;
    const key = key1 ?? key2;
    if (seen.has(key)) return undefined;
    seen.add(key);
    if (key === 'descr') descr = text1 ?? text2;
    else if (key === 'fortran_order') isFortran = bool === undefined ? undefined : bool === 'True';
    else if (key === 'shape') shape = tuple === undefined ? undefined : parseTuple(tuple);
    else return undefined;
  }
  if (!/^\s*\}\s*$/.test(text.slice(at))) return undefined;
  if (descr === undefined || isFortran === undefined || shape === undefined) return undefined;
  return { descr, isFortran, shape };
}

/** `1, 3`, `3,` or nothing; `3` alone would be a number in Python, not a tuple. */
function parseTuple(text: string): Shape | undefined {
  if (text.trim() === '') return [];
  const words = text.split(',').map((word) => word.trim());
  if (words.length === 1) return undefined;
  if (words.at(-1) === '') words.pop();
  const shape = words.map((word) => (/^\d+$/.test(word) ? Number(word) : Number.NaN));
  return shape.every(Number.isSafeInteger) ? shape : undefined;
}
