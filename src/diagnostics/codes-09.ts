/** Codes Q09xx: bugs in qcc. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes09 = {
  Q0901: {
    title: 'a bug in qcc',
    explanation:
      'An invariant of the compiler itself was violated. Nothing is wrong with your model or your command.\n\n' +
      'Example: a pass produced a node whose operand types its op refuses.\n\n' +
      'Way out: qcc wrote a repro bundle and said where; attach it to a bug report. A different --target or an older ' +
      'version may work in the meantime.',
  },
} as const satisfies Readonly<Record<string, CodeInfo>>;
