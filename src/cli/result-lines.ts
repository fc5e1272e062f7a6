/** What a command found, for people. Invariant: a row is one line, and no name from a model or a path acts on the terminal. */
import { printable } from '../diagnostics/render.js';
import { terminal } from './session.js';

export function showLines(lines: readonly string[]): void {
  terminal.out(lines.map(printable).join('\n'));
}

/** The table that most commands end with. */
export function showRows(rows: readonly (readonly string[])[]): void {
  showLines(rows.map(([key, value]) => `${key.padEnd(9)}${value}`));
}
