/** Codes Q04xx: targets and budgets. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes04 = {} as const satisfies Readonly<Record<string, CodeInfo>>;
