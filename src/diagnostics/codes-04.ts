/** Codes Q04xx: targets and budgets. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes04 = {
  Q0401: {
    title: 'unknown target',
    explanation:
      'The name given to --target is neither a target nor the alias of one (a board or a core).\n\n' +
      'Example: --target avx2, where x86-avx2 is meant.\n\n' +
      'Way out: `qcc targets` lists the names. A new target is one file in runtime-c/target.',
  },
  Q0402: {
    title: 'target or instruction-set file is invalid',
    explanation:
      'A file in runtime-c/target or an isa.json in runtime-c/isa does not say what it must; the message names file, line and field.\n\n' +
      'Example: a target file with "objectFormat": "exe".\n\n' +
      'Way out: correct the field; runtime-c/README.md describes them.',
  },
  Q0410: {
    title: 'no kernel fits',
    explanation:
      "No kernel of the target's instruction sets can run an operation with these types and shapes. The message lists why each candidate was refused.\n\n" +
      'Example: a convolution whose weights need 9 bits, for a target without a kernel of s16 weights.\n\n' +
      'Way out: add the scalar instruction set to the target: its kernels ask for nothing.',
  },
} as const satisfies Readonly<Record<string, CodeInfo>>;
