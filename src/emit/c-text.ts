/**
 * C spellings. Invariant: text from a model file reaches C only through `commentText` and `cString`, names only through
 * `NameMaker`; no stranger's text can end a comment, start a trigraph or collide with a keyword.
 */
import type { Element } from '../ir/type.js';

const keywords = new Set(
  (
    'auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return short ' +
    'signed sizeof static struct switch typedef union unsigned void volatile while _Alignas _Alignof _Atomic _Bool _Complex _Generic _Imaginary ' +
    '_Noreturn _Static_assert _Thread_local asm and and_eq bitand bitor bool catch char16_t char32_t class compl constexpr const_cast decltype ' +
    'delete dynamic_cast explicit export false friend mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected ' +
    'public reinterpret_cast static_assert static_cast template this thread_local throw true try typeid typename using virtual wchar_t xor xor_eq ' +
    'linux unix i386 arena main NULL errno'
  ).split(/\s+/),
);

/** A C identifier made from any text: ASCII letters, digits, underscore, at most 48 characters, never a keyword. */
export function identifier(text: string, fallback: string): string {
  let name = text
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 48)
    .replace(/_+$/, '');
  if (name === '') name = fallback;
  if (/^[0-9]/.test(name)) name = `${fallback}_${name}`;
  return keywords.has(name) ? `${name}_` : name;
}

/** Makes identifiers that differ from each other, also when compared without case (they feed macros too). */
export class NameMaker {
  private readonly used = new Set<string>();

  make(text: string, fallback: string): string {
    const base = identifier(text, fallback);
    let name = base;
    for (let i = 2; this.used.has(name.toLowerCase()); i++) name = `${base}_${i}`;
    this.used.add(name.toLowerCase());
    return name;
  }
}

/** Text that may stand inside a C comment: printable ASCII, no comment end or start, no trigraph, no line splice. */
export function commentText(text: string): string {
  let out = '';
  for (const char of text.length > 200 ? `${text.slice(0, 200)}...` : text) {
    const code = char.codePointAt(0) ?? 0;
    out +=
      code >= 0x20 && code < 0x7f
        ? char
        : code < 0x10000
          ? `\\u${code.toString(16).padStart(4, '0')}`
          : `\\U${code.toString(16).padStart(8, '0')}`;
  }
  return out.replaceAll('*/', '*\\/').replaceAll('/*', '/\\*').replaceAll('??', '?\\?').replace(/\\$/, '\\ ');
}

/** A C string literal holding exactly these characters, encoded as UTF-8 octal escapes where needed. */
export function cString(text: string): string {
  let out = '';
  for (const byte of new TextEncoder().encode(text)) {
    const char = String.fromCharCode(byte);
    out += byte >= 0x20 && byte < 0x7f && !'"\\?'.includes(char) ? char : `\\${byte.toString(8).padStart(3, '0')}`;
  }
  return `"${out}"`;
}

/** A float literal that denotes exactly this float32: hexadecimal, C11. */
export function f32Literal(value: number): string {
  if (Number.isNaN(value)) return '(0.0f / 0.0f)';
  if (!Number.isFinite(value)) return value > 0 ? '(1.0f / 0.0f)' : '(-1.0f / 0.0f)';
  if (value === 0) return Object.is(value, -0) ? '-0.0f' : '0.0f';
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  const bits = view.getUint32(0);
  const sign = bits >>> 31 === 1 ? '-' : '';
  const exponent = (bits >>> 23) & 0xff;
  const mantissa = (bits & 0x7fffff) << 1;
  const hex = mantissa.toString(16).padStart(6, '0').replace(/0+$/, '');
  const lead = exponent === 0 ? '0' : '1';
  const power = exponent === 0 ? -126 : exponent - 127;
  return `${sign}0x${lead}${hex === '' ? '' : `.${hex}`}p${power}f`;
}

export function s32Literal(value: number): string {
  return value === -2147483648 ? '(-2147483647 - 1)' : String(value);
}

const cTypes: Readonly<Record<Element, string>> = {
  s8: 'int8_t',
  u8: 'uint8_t',
  s16: 'int16_t',
  u16: 'uint16_t',
  s32: 'int32_t',
  u32: 'uint32_t',
  s64: 'int64_t',
  u64: 'uint64_t',
  bool: 'uint8_t',
  s4: 'int8_t',
  u4: 'uint8_t',
  f32: 'float',
  f64: 'double',
  f16: 'float',
  bf16: 'float',
};

export function cType(element: Element): string {
  return cTypes[element];
}

/**
 * Bytes as adjacent string literals of octal escapes, 64 bytes a line. Escapes need no padding: what follows one is
 * always a backslash or the end of its literal.
 */
export function octalLines(bytes: Uint8Array): string {
  const escapes = octalEscapes;
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 64) {
    let line = '  "';
    const end = Math.min(at + 64, bytes.length);
    for (let i = at; i < end; i++) line += escapes[bytes[i]];
    lines.push(`${line}"`);
  }
  return lines.join('\n');
}

const octalEscapes = Array.from({ length: 256 }, (_, byte) => `\\${byte.toString(8)}`);
