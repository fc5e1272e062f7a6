/** What an audit says. Every finding is a claim of the build folder that does not hold. */
import type { Code } from '../diagnostics/codes.js';
import { type Diagnostic, error } from '../diagnostics/diagnostic.js';

export class Findings {
  readonly all: Diagnostic[] = [];
  /** What could not be derived again, and why: no finding, but said. */
  readonly open: string[] = [];

  add(code: Code, message: string, step?: { readonly index: number; readonly origin: readonly string[] }): void {
    const where = step === undefined ? message : `step ${step.index}: ${message}`;
    this.all.push(step === undefined ? error(code, where) : error(code, where, { node: step.origin[0] ?? '' }));
  }

  leaveOpen(step: { readonly index: number; readonly op: string }, why: string): void {
    this.open.push(`step ${step.index} (${step.op}): ${why}`);
  }
}
