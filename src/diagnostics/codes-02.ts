/** Codes Q02xx: operators, attributes and dimensions that are not supported. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes02 = {} as const satisfies Readonly<Record<string, CodeInfo>>;
