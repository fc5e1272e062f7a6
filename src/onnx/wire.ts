/**
 * Walks the protobuf wire format of a model before onnx-proto decodes it. Invariant: bytes that pass are well framed to
 * the last byte, no deeper than MAX_MESSAGE_DEPTH, and decode into a bounded amount of memory; the generated decoder
 * checks none of the three. It also brings back the fields newer than onnx-proto's schema that change a meaning.
 */

/** Messages inside messages; one subgraph is three levels. protobufjs itself gives up at 100. */
export const MAX_MESSAGE_DEPTH = 96;

/**
 * What a field holds. `int`: one varint. `longs`: repeated 64-bit varints (each becomes an object). `ints`: repeated
 * 32-bit varints. `f32s`, `f64s`: repeated fixed-width. `bytes`: strings and bytes. Otherwise the message's name.
 */
type Field = 'int' | 'longs' | 'ints' | 'f32' | 'f32s' | 'f64s' | 'bytes' | MessageName;
type MessageName =
  | 'Model'
  | 'Graph'
  | 'Node'
  | 'Attribute'
  | 'Tensor'
  | 'Sparse'
  | 'Function'
  | 'ValueInfo'
  | 'Type'
  | 'TensorType'
  | 'Wrapper'
  | 'MapType'
  | 'Shape'
  | 'Dim'
  | 'Opset'
  | 'Training'
  | 'Annotation'
  | 'Pair'
  | 'Segment';
type Schema = Readonly<Record<MessageName, Readonly<Record<number, Field>>>>;

const schema: Schema = {
  Model: {
    1: 'int',
    2: 'bytes',
    3: 'bytes',
    4: 'bytes',
    5: 'int',
    6: 'bytes',
    7: 'Graph',
    8: 'Opset',
    14: 'Pair',
    20: 'Training',
    25: 'Function',
  },
  Graph: {
    1: 'Node',
    2: 'bytes',
    5: 'Tensor',
    10: 'bytes',
    11: 'ValueInfo',
    12: 'ValueInfo',
    13: 'ValueInfo',
    14: 'Annotation',
    15: 'Sparse',
  },
  Node: { 1: 'bytes', 2: 'bytes', 3: 'bytes', 4: 'bytes', 5: 'Attribute', 6: 'bytes', 7: 'bytes', 8: 'bytes' },
  Attribute: {
    1: 'bytes',
    2: 'f32',
    3: 'int',
    4: 'bytes',
    5: 'Tensor',
    6: 'Graph',
    7: 'f32s',
    8: 'longs',
    9: 'bytes',
    10: 'Tensor',
    11: 'Graph',
    13: 'bytes',
    14: 'Type',
    15: 'Type',
    20: 'int',
    21: 'bytes',
    22: 'Sparse',
    23: 'Sparse',
  },
  Tensor: {
    1: 'longs',
    2: 'int',
    3: 'Segment',
    4: 'f32s',
    5: 'ints',
    6: 'bytes',
    7: 'longs',
    8: 'bytes',
    9: 'bytes',
    10: 'f64s',
    11: 'longs',
    12: 'bytes',
    13: 'Pair',
    14: 'int',
  },
  Sparse: { 1: 'Tensor', 2: 'Tensor', 3: 'longs' },
  Function: {
    1: 'bytes',
    4: 'bytes',
    5: 'bytes',
    6: 'bytes',
    7: 'Node',
    8: 'bytes',
    9: 'Opset',
    10: 'bytes',
    11: 'Attribute',
    12: 'ValueInfo',
    13: 'bytes',
  },
  ValueInfo: { 1: 'bytes', 2: 'Type', 3: 'bytes' },
  Type: { 1: 'TensorType', 4: 'Wrapper', 5: 'MapType', 6: 'bytes', 8: 'TensorType', 9: 'Wrapper' },
  TensorType: { 1: 'int', 2: 'Shape' },
  Wrapper: { 1: 'Type' },
  MapType: { 1: 'int', 2: 'Type' },
  Shape: { 1: 'Dim' },
  Dim: { 1: 'int', 2: 'bytes', 3: 'bytes' },
  Opset: { 1: 'bytes', 2: 'int' },
  Training: { 1: 'Graph', 2: 'Graph', 3: 'Pair', 4: 'Pair' },
  Annotation: { 1: 'bytes', 2: 'Pair' },
  Pair: { 1: 'bytes', 2: 'bytes' },
  Segment: { 1: 'int', 2: 'int' },
};

/** Wire types: 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes. */
const scalarWire: Readonly<Record<string, number>> = { int: 0, longs: 0, ints: 0, f32: 5, f32s: 5, f64s: 1 };
const packable: ReadonlySet<string> = new Set(['longs', 'ints', 'f32s', 'f64s']);

/** Rough heap bytes of what one thing decodes into; they only have to be of the right size. */
const MESSAGE_COST = 240;
const BYTES_COST = 96;
const LONG_COST = 56;
const NUMBER_COST = 16;

export interface WireScan {
  /** Estimated heap bytes of the decoded objects; raw_data is not copied and does not count. */
  readonly decodedBytes: number;
  /** Per function, in file order: its default attributes (FunctionProto.attribute_proto, IR 9), encoded. */
  readonly functionDefaults: readonly (readonly Uint8Array[])[];
  /** A node or function has a non-empty `overload` (IR 10), which onnx-proto drops. */
  readonly usesOverloads: boolean;
}
export interface WireFailure {
  readonly reason: 'malformed' | 'too deep';
  /** Byte offset in the file. */
  readonly offset: number;
  readonly message: string;
}
export type WireResult =
  | { readonly ok: true; readonly scan: WireScan }
  | { readonly ok: false; readonly failure: WireFailure };

class Stop extends Error {
  constructor(readonly failure: WireFailure) {
    super(failure.message);
  }
}

class Scanner {
  private pos = 0;
  decodedBytes = 0;
  usesOverloads = false;
  readonly functionDefaults: Uint8Array[][] = [];

  constructor(private readonly bytes: Uint8Array) {}

  message(name: MessageName, end: number, depth: number): void {
    if (depth > MAX_MESSAGE_DEPTH)
      throw new Stop({
        reason: 'too deep',
        offset: this.pos,
        message: `messages nest deeper than ${MAX_MESSAGE_DEPTH}`,
      });
    this.decodedBytes += MESSAGE_COST;
    if (name === 'Function') this.functionDefaults.push([]);
    while (this.pos < end) this.field(name, end, depth);
  }

  private field(message: MessageName, end: number, depth: number): void {
    const start = this.pos;
    const tag = this.varint(end);
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (number === 0 || tag > 0xffffffff) this.fail(start, 'illegal field tag');
    const field = schema[message][number];
    if (field === undefined) {
      this.skip(wire, end, start);
      return;
    }
    const scalar = scalarWire[field];
    if (wire === scalar) {
      this.decodedBytes += field === 'longs' ? LONG_COST : NUMBER_COST;
      this.skip(wire, end, start);
      return;
    }
    if (wire !== 2 || (scalar !== undefined && !packable.has(field)))
      this.fail(start, `field ${number} of ${message}Proto has wire type ${wire}`);
    const length = this.varint(end);
    if (length > end - this.pos)
      this.fail(start, `field ${number} of ${message}Proto is ${length} bytes long, ${end - this.pos} are left`);
    const last = this.pos + length;
    if (isMessageName(field)) {
      if (message === 'Function' && number === 11)
        this.functionDefaults.at(-1)?.push(this.bytes.subarray(this.pos, last));
      this.message(field, last, depth + 1);
    } else if (field === 'bytes') {
      const isOverload = (message === 'Node' && number === 8) || (message === 'Function' && number === 13);
      if (isOverload && length > 0) this.usesOverloads = true;
      const isRaw = message === 'Tensor' && number === 9;
      this.decodedBytes += BYTES_COST + (isRaw ? 0 : 2 * length);
    } else this.packed(field, last, start);
    this.pos = last;
  }

  private packed(field: Field, end: number, start: number): void {
    const length = end - this.pos;
    const width = field === 'f32s' ? 4 : field === 'f64s' ? 8 : 0;
    if (width > 0) {
      if (length % width !== 0) this.fail(start, `${length} bytes of packed ${width}-byte numbers`);
      this.decodedBytes += (length / width) * NUMBER_COST;
      return;
    }
    let count = 0;
    for (let i = this.pos; i < end; i++) if (this.bytes[i] < 0x80) count++;
    if (length > 0 && this.bytes[end - 1] >= 0x80) this.fail(start, 'packed numbers end within a number');
    if (length > count * 10) this.fail(start, 'a number is longer than ten bytes');
    this.decodedBytes += count * (field === 'longs' ? LONG_COST : NUMBER_COST);
  }

  private skip(wire: number, end: number, start: number): void {
    if (wire === 0) this.varint(end);
    else if (wire === 1 || wire === 5) this.pos += wire === 1 ? 8 : 4;
    else if (wire === 2) {
      const length = this.varint(end);
      this.pos += length;
    } else this.fail(start, `wire type ${wire}`);
    if (this.pos > end) this.fail(start, 'a field runs past the end');
  }

  /** Values beyond 2^53 lose their low bits: only sizes and tags are used, and those are far smaller. */
  private varint(end: number): number {
    const start = this.pos;
    let value = 0;
    for (let scale = 1, i = 0; i < 10; i++, scale *= 128) {
      if (this.pos >= end) this.fail(start, 'the data ends within a number');
      const byte = this.bytes[this.pos++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    return this.fail(start, 'a number is longer than ten bytes');
  }

  private fail(offset: number, message: string): never {
    throw new Stop({ reason: 'malformed', offset, message });
  }
}

function isMessageName(field: Field): field is MessageName {
  return field in schema;
}

/** Scans a whole ModelProto. */
export function scanModel(bytes: Uint8Array): WireResult {
  const scanner = new Scanner(bytes);
  try {
    scanner.message('Model', bytes.length, 0);
  } catch (caught) {
    if (caught instanceof Stop) return { ok: false, failure: caught.failure };
    throw caught;
  }
  const { decodedBytes, usesOverloads, functionDefaults } = scanner;
  return { ok: true, scan: { decodedBytes, usesOverloads, functionDefaults } };
}
