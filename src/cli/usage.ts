/** What yargs refuses, as our usage errors. Invariant: each says what to type instead. */

import { error, QccError } from '../diagnostics/diagnostic.js';
import { nearMatches } from '../diagnostics/near.js';

/** Thrown where yargs says no; a plain error, because the help it is answered with comes later. */
export class Refused extends Error {}

/** The usage error for what was refused. `help` is the help text of the command that was called. */
export function usageError(refused: Refused, help: string) {
  const unknown = /^Unknown arguments?: ([^,]+)/.exec(refused.message)?.[1];
  const known = [...help.matchAll(/^ +(?:-\w, )?--([a-z][a-z-]*)/gm)].map((match) => match[1]);
  const [near] = unknown === undefined ? [] : nearMatches(unknown, known);
  return usage(refused.message, near === undefined ? 'qcc --help, or qcc <command> --help' : `did you mean --${near}?`);
}

export function usage(message: string, help?: string): QccError {
  return new QccError([error('Q0605', message, undefined, help)], 2);
}
