/** Codes Q05xx: compilers and emulators. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes05 = {} as const satisfies Readonly<Record<string, CodeInfo>>;
