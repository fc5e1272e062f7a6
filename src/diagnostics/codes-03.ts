/** Codes Q03xx: quantization. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes03 = {} as const satisfies Readonly<Record<string, CodeInfo>>;
