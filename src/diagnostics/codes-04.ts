/** Codes Q04xx: targets and budgets. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes04 = {
  Q0401: {
    title: 'unknown target',
    explanation:
      'The name given to --target is neither a target nor the alias of one (a board or a core). `qcc targets` lists them. A new target is one file in runtime-c/target.',
  },
  Q0402: {
    title: 'target or instruction-set file is invalid',
    explanation:
      'A file in runtime-c/target or an isa.json in runtime-c/isa does not say what it must; the message names file, line and field.',
  },
  Q0410: {
    title: 'no kernel fits',
    explanation:
      "No kernel of the target's instruction sets can run an operation with these types and shapes. The message lists why each candidate was refused.",
  },
} as const satisfies Readonly<Record<string, CodeInfo>>;
