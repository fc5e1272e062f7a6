/**
 * Every diagnostic code. Q01xx model file, Q02xx unsupported, Q03xx quantization, Q04xx target and budget,
 * Q05xx toolchain, Q06xx command line and data, Q07xx TFLite models and devices, Q08xx calibration and quantizer, Q09xx bugs in qcc.
 * Invariant: a code is never reused for another meaning.
 * A new code is one entry in the `codes-NN.ts` of its hundred.
 */
import type { CodeInfo } from './code-info.js';
import { codes01 } from './codes-01.js';
import { codes02 } from './codes-02.js';
import { codes03 } from './codes-03.js';
import { codes04 } from './codes-04.js';
import { codes05 } from './codes-05.js';
import { codes06 } from './codes-06.js';
import { codes06b } from './codes-06b.js';
import { codes07 } from './codes-07.js';
import { codes07b } from './codes-07b.js';
import { codes07c } from './codes-07c.js';
import { codes08 } from './codes-08.js';
import { codes08b } from './codes-08b.js';
import { codes09 } from './codes-09.js';

export type { CodeInfo } from './code-info.js';

export const codes = {
  ...codes01,
  ...codes02,
  ...codes03,
  ...codes04,
  ...codes05,
  ...codes06,
  ...codes06b,
  ...codes07,
  ...codes07b,
  ...codes07c,
  ...codes08,
  ...codes08b,
  ...codes09,
} as const satisfies Readonly<Record<string, CodeInfo>>;

export type Code = keyof typeof codes;

/** The entry of a code a user typed (any case), for `qcc explain`; undefined if there is none. */
export function explainCode(text: string): { readonly code: string; readonly info: CodeInfo } | undefined {
  const code = text.toUpperCase();
  const entry = Object.entries<CodeInfo>(codes).find(([name]) => name === code);
  return entry === undefined ? undefined : { code, info: entry[1] };
}
