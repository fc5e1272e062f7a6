/**
 * How constants reach C. Invariant: every constant keeps its own typed symbol, so that no load breaks aliasing rules.
 * Bytes travel as string literals, short numeric arrays as numbers, and above 4 MB in total as a binary file that the
 * assembler includes.
 */

import { elementBytes } from '../ir/type.js';
import type { ConstantBuffer, PackedConstant, PlacedProgram } from '../program/program.js';
import { stepsOf } from '../program/program.js';
import { cType, f32Literal, NameMaker, octalLines, s32Literal } from './c-text.js';

/** Above this many bytes in total, ELF hosts get a .bin with .incbin. */
const INCBIN_BYTES = 4 << 20;
/** Numeric arrays above this size are written as strings through a union. */
const NUMERIC_BYTES = 1 << 15;

export interface EmittedConstant {
  readonly symbol: string;
  /** C expression of a pointer to the first element. */
  readonly pointer: string;
  readonly bytes: number;
}

export interface EmittedConstants {
  readonly of: ReadonlyMap<ConstantBuffer, EmittedConstant>;
  /** `extern` declarations, for the model's source. */
  readonly declarations: readonly string[];
  /** Definitions, for the weights' source. */
  readonly definitions: readonly string[];
  /** Contents of the weights' .bin file, if there is one. */
  readonly binary: Uint8Array | undefined;
  readonly totalBytes: number;
}

export interface ConstantOptions {
  readonly prefix: string;
  /** Name of the .bin file to include; undefined forbids it (packages, other object formats). */
  readonly binFile: string | undefined;
}

/** Extra bytes a buffer's readers may touch past its end. */
function slackOf(program: PlacedProgram): Map<ConstantBuffer, number> {
  const slack = new Map<ConstantBuffer, number>();
  for (const step of stepsOf(program.body))
    for (const arg of step.args)
      if (arg.view?.buffer.role === 'constant')
        slack.set(arg.view.buffer, Math.max(slack.get(arg.view.buffer) ?? 0, step.kernel.slack));
  return slack;
}

export function emitConstants(program: PlacedProgram, options: ConstantOptions): EmittedConstants {
  const slack = slackOf(program);
  const used = new Set(slack.keys());
  const total = [...program.constants].reduce((sum, [b, c]) => sum + (used.has(b) ? c.bytes.length : 0), 0);
  const asBinary = options.binFile !== undefined && total > INCBIN_BYTES;
  const of = new Map<ConstantBuffer, EmittedConstant>();
  const seen = new Map<PackedConstant, EmittedConstant>();
  const names = new NameMaker();
  const declarations: string[] = [];
  const definitions: string[] = [];
  const chunks: { bytes: Uint8Array; size: number; symbol: string; align: number }[] = [];
  for (const [buffer, packed] of program.constants) {
    if (!used.has(buffer)) continue;
    const known = seen.get(packed);
    if (known !== undefined) {
      of.set(buffer, known);
      continue;
    }
    const symbol = `${options.prefix}_${names.make(`w${seen.size}`, 'w')}`;
    const size = elementBytes[packed.element];
    const count = packed.bytes.length / size + Math.ceil((slack.get(buffer) ?? 0) / size);
    const written = asBinary ? binaryForm(symbol, packed, count) : textForm(symbol, packed, count, buffer.align);
    declarations.push(written.declaration);
    if (written.definition !== undefined) definitions.push(written.definition);
    if (asBinary) chunks.push({ bytes: packed.bytes, size: count * size, symbol, align: buffer.align });
    const emitted = { symbol, pointer: written.pointer, bytes: packed.bytes.length };
    of.set(buffer, emitted);
    seen.set(packed, emitted);
  }
  if (!asBinary || options.binFile === undefined)
    return { of, declarations, definitions, binary: undefined, totalBytes: total };
  const { text, binary } = incbin(chunks, options.binFile);
  return { of, declarations, definitions: [text], binary, totalBytes: total };
}

interface Form {
  readonly declaration: string;
  readonly definition: string | undefined;
  readonly pointer: string;
}

/** A constant as C text. `count` elements, slack included. */
export function textForm(
  symbol: string,
  packed: PackedConstant,
  count: number,
  align: number,
): Form & { readonly definition: string } {
  const type = cType(packed.element);
  const size = elementBytes[packed.element];
  if (size === 1) {
    const length = Math.max(count, packed.bytes.length + 1);
    return {
      declaration: `extern const ${type} ${symbol}[${length}];`,
      definition: `_Alignas(${align}) const ${type} ${symbol}[${length}] =\n${octalLines(packed.bytes)};`,
      pointer: symbol,
    };
  }
  if (packed.bytes.length <= NUMERIC_BYTES)
    return {
      declaration: `extern const ${type} ${symbol}[${Math.max(count, 1)}];`,
      definition: `_Alignas(${align}) const ${type} ${symbol}[${Math.max(count, 1)}] = {\n${numberLines(packed)}};`,
      pointer: symbol,
    };
  const length = count * size + 1;
  const union = `union ${symbol}_u {\n  char bytes[${length}];\n  ${type} values[${count}];\n};`;
  return {
    declaration: `${union}\nextern const union ${symbol}_u ${symbol};`,
    definition: `${union}\n_Alignas(${align}) const union ${symbol}_u ${symbol} = {\n${octalLines(packed.bytes)}};`,
    pointer: `${symbol}.values`,
  };
}

function binaryForm(symbol: string, packed: PackedConstant, count: number): Form {
  return {
    declaration: `extern const ${cType(packed.element)} ${symbol}[${count}];`,
    definition: undefined,
    pointer: symbol,
  };
}

function numberLines(packed: PackedConstant): string {
  const view = new DataView(packed.bytes.buffer, packed.bytes.byteOffset, packed.bytes.byteLength);
  const size = elementBytes[packed.element];
  const lines: string[] = [];
  let line = '';
  for (let at = 0; at < packed.bytes.length; at += size) {
    const item = `${numberAt(view, at, packed)},`;
    if (line.length + item.length > 110) {
      lines.push(`  ${line}`);
      line = '';
    }
    line += line === '' ? item : ` ${item}`;
  }
  if (line !== '') lines.push(`  ${line}`);
  return `${lines.join('\n')}\n`;
}

function numberAt(view: DataView, at: number, packed: PackedConstant): string {
  switch (packed.element) {
    case 'f32':
    case 'f16':
    case 'bf16':
      return f32Literal(view.getFloat32(at, true));
    case 'f64':
      return f64Literal(view.getFloat64(at, true));
    case 's64':
      return s64Literal(view.getBigInt64(at, true));
    case 'u64':
      return `UINT64_C(${view.getBigUint64(at, true)})`;
    case 's16':
      return String(view.getInt16(at, true));
    case 'u16':
      return String(view.getUint16(at, true));
    case 'u32':
      return `${view.getUint32(at, true)}u`;
    default:
      return s32Literal(view.getInt32(at, true));
  }
}

function f64Literal(value: number): string {
  if (Number.isNaN(value)) return '(0.0 / 0.0)';
  if (!Number.isFinite(value)) return value > 0 ? '(1.0 / 0.0)' : '(-1.0 / 0.0)';
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** C has no negative literals: the smallest number is one less than the negated largest. */
function s64Literal(value: bigint): string {
  return value === -9223372036854775808n ? '(-INT64_C(9223372036854775807) - 1)' : `INT64_C(${value})`;
}

function incbin(
  chunks: readonly { bytes: Uint8Array; size: number; symbol: string; align: number }[],
  file: string,
): { text: string; binary: Uint8Array } {
  const lines = ['__asm__(', '  ".section .rodata\\n"', '  ".balign 64\\n"'];
  let offset = 0;
  const parts: { at: number; bytes: Uint8Array }[] = [];
  for (const chunk of chunks) {
    const size = Math.ceil(chunk.size / chunk.align) * chunk.align;
    lines.push(
      `  ".global ${chunk.symbol}\\n.hidden ${chunk.symbol}\\n.type ${chunk.symbol}, %object\\n.size ${chunk.symbol}, ${chunk.size}\\n${chunk.symbol}:\\n"`,
    );
    lines.push(`  ".incbin \\"" QCC_WEIGHTS_DIR "${file}\\", ${offset}, ${size}\\n"`);
    parts.push({ at: offset, bytes: chunk.bytes });
    offset += size;
  }
  lines.push('  ".previous\\n");');
  const binary = new Uint8Array(offset);
  for (const part of parts) binary.set(part.bytes, part.at);
  return { text: lines.join('\n'), binary };
}
