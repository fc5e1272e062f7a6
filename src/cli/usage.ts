/** What yargs refuses, as our usage errors. Invariant: each says what to type instead. */

import { error, QccError } from '../diagnostics/diagnostic.js';
import { nearMatches } from '../diagnostics/near.js';

/** Thrown where yargs says no; a plain error, because the help it is answered with comes later. */
export class Refused extends Error {}

/** yargs speaks of arguments it counted; a user reads the option or the command that is wrong. */
function inOurWords(message: string, help: string): string {
  const choices = [...message.matchAll(/Argument: ([\w-]+), Given: (.+?), Choices: (.+)/g)];
  if (choices.length > 0)
    return choices
      .map(([, name, given, known]) => `${dashed(name)} ${given}: expected one of ${known.replaceAll('"', '')}`)
      .join('; ');
  const valueless = /^Not enough arguments following: ([\w-]+)/.exec(message)?.[1];
  if (valueless !== undefined) return `${dashed(valueless)} needs a value`;
  const command = /^qcc [^\n]*/.exec(help)?.[0];
  if (/^Not enough non-option arguments/.test(message) && command !== undefined)
    return `the command line ends too early: ${command}`;
  return message;
}

function dashed(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`;
}

/** The usage error for what was refused. `help` is the help text of the command that was called. */
export function usageError(refused: Refused, help: string) {
  const unknown = /^Unknown arguments?: ([^,]+)/.exec(refused.message)?.[1];
  const known = [...help.matchAll(/^ +(?:-\w, )?--([a-z][a-z-]*)/gm)].map((match) => match[1]);
  const [near] = unknown === undefined ? [] : nearMatches(unknown, known);
  return usage(
    inOurWords(refused.message, help),
    near === undefined ? 'qcc --help, or qcc <command> --help' : `did you mean --${near}?`,
  );
}

/** Options that may be given several times, and the words of a command; `output` only where it names an output of the model. */
const lists = new Set(['_', 'dim', 'input', 'pass', 'report', 'sources']);

/** Of any other option that is given twice, the last one counts: scripts append to a command line. */
export function lastOfEach(argv: { _: (string | number)[]; [name: string]: unknown }): void {
  for (const [name, value] of Object.entries(argv))
    if (Array.isArray(value) && !lists.has(name) && !(name === 'output' && argv._[0] === 'run'))
      argv[name] = value.at(-1);
}

export function usage(message: string, help?: string): QccError {
  return new QccError([error('Q0605', message, undefined, help)], 2);
}
