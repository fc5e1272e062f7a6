/** The constants a generated C file defines, read back from its text or from the .bin it includes. */

export interface CConstant {
  /** `int8_t`, `float`, ... */
  readonly type: string;
  readonly values: ArrayLike<number>;
  /** Without slack. */
  readonly bytes: number;
}

const sizes: Readonly<Record<string, number>> = {
  int8_t: 1,
  uint8_t: 1,
  int16_t: 2,
  uint16_t: 2,
  int32_t: 4,
  uint32_t: 4,
  int64_t: 8,
  float: 4,
};

/** Symbol -> constant, for the types that quantized layers have. */
export function cConstants(text: string, binary: Uint8Array | undefined): ReadonlyMap<string, CConstant> {
  const found = new Map<string, CConstant>();
  const add = (symbol: string, type: string, bytes: Uint8Array): void => {
    if (sizes[type] !== undefined) found.set(symbol, { type, values: typed(type, bytes), bytes: bytes.length });
  };
  for (const [, type, symbol, body] of text.matchAll(
    /_Alignas\(\d+\) const (\w+) (\w+)\[\d+\] =\n((?: {2}"(?:\\[0-7]+)*"\n?)*);/g,
  ))
    add(symbol, type, octalBytes(body));
  for (const [, type, symbol, body] of text.matchAll(/_Alignas\(\d+\) const (\w+) (\w+)\[\d+\] = \{\n([^}]*)\};/g)) {
    if (sizes[type] === undefined) continue;
    const values = body.split(',').flatMap((word) => (word.trim() === '' ? [] : [numberOf(word.trim())]));
    found.set(symbol, { type, values, bytes: values.length * sizes[type] });
  }
  for (const [, symbol, type, body] of text.matchAll(
    /union (\w+)_u \{\n {2}char bytes\[\d+\];\n {2}(\w+) values\[\d+\];\n\};\n_Alignas\(\d+\) const union \w+ \w+ = \{\n((?: {2}"(?:\\[0-7]+)*"\n?)*)\};/g,
  ))
    add(symbol, type, octalBytes(body));
  if (binary !== undefined) {
    const types = new Map([...text.matchAll(/^extern const (\w+) (\w+)\[\d+\];$/gm)].map(([, t, s]) => [s, t]));
    for (const [, symbol, at, size] of text.matchAll(/\\n(\w+):\\n"\n {2}"\.incbin [^,]*, (\d+), (\d+)\\n"/g)) {
      const type = types.get(symbol);
      if (type !== undefined) add(symbol, type, binary.subarray(Number(at), Number(at) + Number(size)));
    }
  }
  return found;
}

function octalBytes(body: string): Uint8Array {
  const escapes = body.match(/\\[0-7]+/g) ?? [];
  return Uint8Array.from(escapes, (digits) => Number.parseInt(digits.slice(1), 8));
}

function typed(type: string, bytes: Uint8Array): ArrayLike<number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read: Readonly<Record<string, (at: number) => number>> = {
    int8_t: (at) => view.getInt8(at),
    uint8_t: (at) => view.getUint8(at),
    int16_t: (at) => view.getInt16(at, true),
    uint16_t: (at) => view.getUint16(at, true),
    int32_t: (at) => view.getInt32(at, true),
    uint32_t: (at) => view.getUint32(at, true),
    int64_t: (at) => Number(view.getBigInt64(at, true)),
    float: (at) => view.getFloat32(at, true),
  };
  const size = sizes[type];
  return Float64Array.from({ length: Math.floor(bytes.length / size) }, (_, i) => read[type](i * size));
}

/** A number as C spells it: decimal, hexadecimal float, the smallest int32, an int64 (near enough beyond 2^53). */
export function numberOf(word: string): number {
  if (word === '(-2147483647 - 1)') return -2147483648;
  const long = /^INT64_C\((-?\d+)\)$/.exec(word);
  if (long !== null) return Number(long[1]);
  const hex = /^(-?)0x([01])(?:\.([0-9a-f]+))?p(-?\d+)f$/.exec(word);
  if (hex === null) return Number(word.replace(/[fu]$/, ''));
  const [, sign, lead, digits = '', power] = hex;
  const fraction = digits === '' ? 0 : Number.parseInt(digits, 16) / 16 ** digits.length;
  return (sign === '-' ? -1 : 1) * (Number(lead) + fraction) * 2 ** Number(power);
}
