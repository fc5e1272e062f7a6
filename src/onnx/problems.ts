/**
 * Collects diagnostics and hands them out in graph order. Invariant: a hostile file cannot make the list grow without
 * bound, and the order does not depend on which check found a problem first.
 */

import type { Code } from '../diagnostics/codes.js';
import { type Diagnostic, error, note, type Place, QccError } from '../diagnostics/diagnostic.js';

const MAX_KEPT = 500;
/** Names in a file can be megabytes long. */
const MAX_TEXT = 400;

/** Positions around the nodes, which stand at 0, 1, 2, ... */
export const AT_HEADER = -3;
export const AT_INPUTS = -2;
export const AT_INITIALIZERS = -1;
export const AT_OUTPUTS = Number.MAX_SAFE_INTEGER - 1;
export const AT_FUNCTIONS = Number.MAX_SAFE_INTEGER;

export class Problems {
  /** Where in the main graph the work stands: one of the AT_ values or a node's index in the file. */
  at = AT_HEADER;
  private readonly kept: { readonly at: number; readonly diagnostic: Diagnostic }[] = [];
  private dropped = 0;

  error(code: Code, message: string, place?: Place, help?: string): void {
    this.add(error(code, message, place, help));
  }

  note(code: Code, message: string, help?: string): void {
    this.add(note(code, message, help));
  }

  add(diagnostic: Diagnostic): void {
    if (this.kept.length < MAX_KEPT) this.kept.push({ at: this.at, diagnostic: clipped(diagnostic) });
    else this.dropped++;
  }

  get hasErrors(): boolean {
    return this.kept.some((k) => k.diagnostic.severity === 'error');
  }

  /** All of them, in graph order; those at one place in the order they were found. */
  sorted(): Diagnostic[] {
    const sorted = this.kept.toSorted((a, b) => a.at - b.at).map((k) => k.diagnostic);
    if (this.dropped > 0) sorted.push(note('Q0120', `${this.dropped} more problems are not shown`));
    return sorted;
  }

  throwIfErrors(): void {
    if (this.hasErrors) throw new QccError(this.sorted());
  }
}

function clipped(diagnostic: Diagnostic): Diagnostic {
  const { message, place, help } = diagnostic;
  return {
    ...diagnostic,
    message: clip(message),
    ...(place === undefined
      ? {}
      : { place: Object.fromEntries(Object.entries(place).map(([key, text]) => [key, clip(`${text}`)])) }),
    ...(help === undefined ? {} : { help: clip(help) }),
  };
}

function clip(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT / 2)} ... ${text.slice(-MAX_TEXT / 4)}`;
}
