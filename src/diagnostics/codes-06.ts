/** Codes Q06xx: the command line and the data. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes06 = {} as const satisfies Readonly<Record<string, CodeInfo>>;
