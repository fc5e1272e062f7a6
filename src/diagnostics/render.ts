/**
 * Diagnostics as text for a terminal, or as JSON. Invariant: text from a model file cannot act on the terminal or fake a
 * line of ours: whatever does not print as itself is shown as an escape, and only `help` and `quote` may have several
 * lines, which are indented.
 */
import pico from 'picocolors';
import { type Code, codes } from './codes.js';
import type { Diagnostic, Place, Severity } from './diagnostic.js';

export interface RenderOptions {
  /** Shown as the place of every diagnostic; undefined where there is no file, as in usage errors. */
  readonly file?: string;
  readonly color: boolean;
}

/** Longer texts are shown by their ends. */
const MAX_LINE = 600;

/** Control, format (bidirectional, zero-width), private, unassigned characters, lone surrogates, and line separators. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** `text` on one line, with every character that does not print as itself written as an escape, as in `\u{202e}`. */
export function printable(text: string): string {
  const clipped = text.length <= MAX_LINE ? text : `${text.slice(0, MAX_LINE / 2)} ... ${text.slice(-MAX_LINE / 4)}`;
  return clipped.replace(UNPRINTABLE, (char) => {
    if (char === '\n') return '\\n';
    if (char === '\t') return '\\t';
    return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/**
 * All diagnostics in their order, those that differ only in their place joined under one heading, and a count if there
 * are several. Ends with a newline; empty for none.
 */
export function renderText(diagnostics: readonly Diagnostic[], options: RenderOptions): string {
  if (diagnostics.length === 0) return '';
  const style = pico.createColors(options.color);
  const paint: Readonly<Record<Severity, (text: string) => string>> = {
    error: (text) => style.bold(style.red(text)),
    warning: (text) => style.bold(style.yellow(text)),
    note: (text) => style.bold(style.cyan(text)),
  };
  const blocks = grouped(diagnostics).map((group) => {
    const [{ code, severity, message, quote, help }] = group;
    const places = [...new Set(group.map((d) => placeText(d.place, options.file)))].filter((text) => text !== '');
    return [
      `${paint[severity](`${severity}[${code}]`)}${style.bold(`: ${printable(message)}`)}`,
      ...places.map((text) => `  ${style.blue('-->')} ${text}`),
      ...(quote ?? []).map((line) => `   ${style.blue('|')} ${printable(line)}`),
      ...helpLines(code, help).map((line, i) =>
        i === 0 ? `   ${style.blue('=')} help: ${line}` : `           ${line}`,
      ),
    ].join('\n');
  });
  const summary = diagnostics.length > 1 ? [countText(diagnostics)] : [];
  return `${[...blocks, ...summary].join('\n\n')}\n`;
}

/** One line of JSON: `{"file", "diagnostics": [{"code", "severity", "title", "message", ...}]}`, in ASCII. */
export function renderJson(diagnostics: readonly Diagnostic[], options: { readonly file?: string } = {}): string {
  const list = diagnostics.map(({ code, severity, message, place, quote, help }) => ({
    code,
    severity,
    title: codes[code].title,
    message,
    ...place,
    ...(quote === undefined ? {} : { quote }),
    ...(help === undefined ? {} : { help }),
  }));
  const json = JSON.stringify({ ...(options.file === undefined ? {} : { file: options.file }), diagnostics: list });
  return `${json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

/** `mobilenet.onnx, node "/features.0/Conv" (QLinearConv), input 4 "w_scale"`. */
function placeText(place: Place | undefined, file: string | undefined): string {
  const parts: string[] = [];
  if (file !== undefined) parts.push(printable(file));
  if (place?.node !== undefined) {
    const operator = place.operator === undefined || place.operator === '' ? '' : ` (${printable(place.operator)})`;
    parts.push(`node "${printable(place.node)}"${operator}`);
  } else if (place?.operator !== undefined) parts.push(`operator ${printable(place.operator)}`);
  if (place?.part !== undefined) parts.push(printable(place.part));
  return parts.join(', ');
}

/** What the explanation of the code advises: the next step where the place of the error knows no better one. */
function wayOut(code: Code): string {
  return /Way out: ([^\n]*)/.exec(codes[code].explanation)?.[1] ?? '';
}

function helpLines(code: Code, help: string | undefined): string[] {
  const explain = `\`qcc explain ${code}\``;
  const lines = (help ?? wayOut(code)).split('\n').map(printable);
  return lines.length === 1 ? [`${lines[0]}${/[.!?]$/.test(lines[0]) ? '' : '.'}   ${explain}`] : [...lines, explain];
}

function grouped(diagnostics: readonly Diagnostic[]): [Diagnostic, ...Diagnostic[]][] {
  const groups = new Map<string, [Diagnostic, ...Diagnostic[]]>();
  for (const diagnostic of diagnostics) {
    const { code, severity, message, quote, help } = diagnostic;
    const key = JSON.stringify([code, severity, message, quote, help]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [diagnostic]);
    else group.push(diagnostic);
  }
  return [...groups.values()];
}

function countText(diagnostics: readonly Diagnostic[]): string {
  const severities: readonly Severity[] = ['error', 'warning', 'note'];
  return severities
    .map((severity) => ({ severity, count: diagnostics.filter((d) => d.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity}${count === 1 ? '' : 's'}`)
    .join(', ');
}
