/**
 * Reads kernels.def. Invariant: what it accepts the C preprocessor reads as the same list; anything else is an error
 * that names file and line (a broken list is a bug of qcc, so plain errors).
 */
import type { Kernel, Params, ParamValue } from '../program/program.js';

const LINE = /^QCC_KERNEL\((.*)\)$/;

/** Every kernel of one ISA, in the order of the file. `path` is for messages. */
export function readKernels(isa: string, path: string, text: string): readonly Kernel[] {
  const kernels: Kernel[] = [];
  const plain = text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' ')).replace(/\\\n/g, ' ');
  for (const [index, raw] of plain.split('\n').entries()) {
    const line = raw.trim();
    if (line === '') continue;
    const fail = (what: string): never => {
      throw new Error(`runtime-c/${path}:${index + 1}: ${what}`);
    };
    const body = LINE.exec(line)?.[1] ?? fail(`expected QCC_KERNEL(...), found "${line.slice(0, 40)}"`);
    const fields = splitFields(body);
    if (fields.length !== 8) fail(`${fields.length} fields, expected 8`);
    const [family, tile, packing, needs, slack, scratch, rate, symbol] = fields;
    if (!/^qcc_[a-z0-9_]+$/.test(symbol)) fail(`"${symbol}" is not a kernel's name`);
    if (!/^\d+$/.test(slack)) fail(`slack "${slack}" is not a number of bytes`);
    if (!/^[1-9]\d*$/.test(rate)) fail(`rate "${rate}" is not a positive integer`);
    if (kernels.some((k) => k.symbol === symbol)) fail(`${symbol} is listed twice`);
    kernels.push({
      family,
      tile,
      isa,
      symbol,
      packing,
      needs: needs === 'NONE' ? [] : needs.split('|').map((word) => word.trim()),
      slack: Number(slack),
      scratch,
      rate: Number(rate),
    });
  }
  return kernels;
}

function splitFields(text: string): string[] {
  const fields: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')') depth--;
    else if (text[i] === ',' && depth === 0) {
      fields.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  fields.push(text.slice(start).trim());
  return fields;
}

/**
 * Value of a scratch expression: integers, `p.member` (nested members too), `+ - * /` and parentheses; division
 * truncates, as in C.
 */
export function evaluateScratch(expression: string, params: Params): number {
  const tokens = expression.match(/p(?:\.\w+)+|\d+|[-+*/()]/g) ?? [];
  if (tokens.join('') !== expression.replace(/\s+/g, ''))
    throw new Error(`cannot read the scratch expression "${expression}"`);
  let at = 0;
  const primary = (): number => {
    const token = tokens[at++];
    if (token === '(') {
      const value = sum();
      if (tokens[at++] !== ')') throw new Error(`unbalanced scratch expression "${expression}"`);
      return value;
    }
    if (token === '-') return -primary();
    if (token === undefined || /^[+*/)]$/.test(token))
      throw new Error(`cannot read the scratch expression "${expression}"`);
    return token.startsWith('p.') ? memberOf(params, token.slice(2).split('.'), expression) : Number(token);
  };
  const product = (): number => {
    let value = primary();
    while (tokens[at] === '*' || tokens[at] === '/')
      value = tokens[at++] === '*' ? value * primary() : Math.trunc(value / primary());
    return value;
  };
  const sum = (): number => {
    let value = product();
    while (tokens[at] === '+' || tokens[at] === '-')
      value = tokens[at++] === '+' ? value + product() : value - product();
    return value;
  };
  const value = sum();
  if (at !== tokens.length) throw new Error(`cannot read the scratch expression "${expression}"`);
  return value;
}

function memberOf(params: Params, path: readonly string[], expression: string): number {
  let value: ParamValue | undefined = params;
  for (const name of path) value = typeof value === 'object' && !('f32' in value) ? value[name] : undefined;
  if (typeof value !== 'number') throw new Error(`scratch expression "${expression}": no member p.${path.join('.')}`);
  return value;
}
