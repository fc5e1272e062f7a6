/**
 * Bounds-checked reading of a flatbuffer. Invariant: no read leaves the file, whatever its offsets say, and the sum of all
 * reads is bounded, so that parts shared a million times cannot make a small file a long job. `flatbuffers` gives the
 * accessors; it checks nothing itself.
 */
import { ByteBuffer } from 'flatbuffers';
import type { Field, Fields } from './schema.js';

/** The file contradicts the format; `message` says where. */
export class MalformedFile extends Error {}

/** Values of option fields. */
export type FieldValues<F extends Fields> = {
  readonly [N in keyof F]: F[N] extends { readonly type: 'bool' } ? boolean : number;
};

const SIZES = { i8: 1, u8: 1, bool: 1, i32: 4, u32: 4, f32: 4 } as const;

export class FlatFile {
  private readonly buffer: ByteBuffer;
  private readonly length: number;
  /** Units of work left: a healthy file reads each of its bytes a few times. */
  private budget: number;

  constructor(private readonly bytes: Uint8Array) {
    this.buffer = new ByteBuffer(bytes);
    this.length = bytes.length;
    this.budget = 16 * bytes.length + 4096;
  }

  root(): FlatTable {
    return this.table(this.target(0, 'the root table'), 'the root table');
  }

  /** Claims `size` bytes from `at` on. */
  claim(at: number, size: number, what: string): void {
    if (at < 0 || size < 0 || at + size > this.length)
      throw new MalformedFile(
        `${what} lies at ${at}..${at + size}, the file has ${this.length} bytes: it is cut off or damaged`,
      );
    this.budget -= 1 + size;
    if (this.budget < 0) throw new MalformedFile('its tables share their parts too often: no converter writes this');
  }

  u16(at: number, what: string): number {
    this.claim(at, 2, what);
    return this.buffer.readUint16(at);
  }

  i32(at: number, what: string): number {
    this.claim(at, 4, what);
    return this.buffer.readInt32(at);
  }

  u32(at: number, what: string): number {
    this.claim(at, 4, what);
    return this.buffer.readUint32(at);
  }

  /** A 64-bit unsigned number, exact below 2^53; larger ones lie outside any file. */
  u64(at: number, what: string): number {
    return this.u32(at, what) + this.u32(at + 4, what) * 2 ** 32;
  }

  scalar(at: number, type: Field['type'], what: string): number {
    this.claim(at, SIZES[type], what);
    switch (type) {
      case 'i8':
        return this.buffer.readInt8(at);
      case 'u8':
      case 'bool':
        return this.buffer.readUint8(at);
      case 'i32':
        return this.buffer.readInt32(at);
      case 'u32':
        return this.buffer.readUint32(at);
      case 'f32':
        return this.buffer.readFloat32(at);
    }
  }

  s64(at: number, what: string): bigint {
    this.claim(at, 8, what);
    return this.buffer.readInt64(at);
  }

  /** Where the offset at `at` points. Offsets point forward, so no chain of them can close. */
  target(at: number, what: string): number {
    const offset = this.u32(at, what);
    if (offset < 4) throw new MalformedFile(`the offset of ${what} at ${at} is ${offset}: it must point forward`);
    return at + offset;
  }

  table(at: number, what: string): FlatTable {
    return new FlatTable(this, at, what);
  }

  /** A view of the bytes, not a copy. */
  view(at: number, size: number, what: string): Uint8Array {
    if (at < 0 || size < 0 || at + size > this.length) this.claim(at, size, what);
    this.claim(at, 0, what);
    return this.bytes.subarray(at, at + size);
  }
}

export class FlatTable {
  private readonly vtable: number;
  private readonly vtableSize: number;

  constructor(
    private readonly file: FlatFile,
    private readonly at: number,
    readonly what: string,
  ) {
    this.vtable = at - file.i32(at, what);
    this.vtableSize = file.u16(this.vtable, `the field list of ${what}`);
    file.u16(this.vtable + 2, `the field list of ${what}`);
    if (this.vtableSize < 4) throw new MalformedFile(`the field list of ${what} has ${this.vtableSize} bytes`);
  }

  /** Position of a field; undefined if it is absent. */
  private position(id: number): number | undefined {
    const entry = 4 + 2 * id;
    if (entry + 2 > this.vtableSize) return undefined;
    const offset = this.file.u16(this.vtable + entry, `the field list of ${this.what}`);
    return offset === 0 ? undefined : this.at + offset;
  }

  private part(id: number): string {
    return `field ${id} of ${this.what}`;
  }

  has(id: number): boolean {
    return this.position(id) !== undefined;
  }

  number(id: number, type: Exclude<Field['type'], 'bool'>, absent: number): number {
    const at = this.position(id);
    return at === undefined ? absent : this.file.scalar(at, type, this.part(id));
  }

  bool(id: number, absent = false): boolean {
    const at = this.position(id);
    return at === undefined ? absent : this.file.scalar(at, 'bool', this.part(id)) !== 0;
  }

  u64(id: number): number {
    const at = this.position(id);
    return at === undefined ? 0 : this.file.u64(at, this.part(id));
  }

  table(id: number, what: string): FlatTable | undefined {
    const at = this.position(id);
    return at === undefined ? undefined : this.file.table(this.file.target(at, what), what);
  }

  /** Start and count of a vector of `size` bytes each. */
  private vector(id: number, size: number): { readonly start: number; readonly count: number } {
    const at = this.position(id);
    if (at === undefined) return { start: 0, count: 0 };
    const start = this.file.target(at, this.part(id));
    const count = this.file.u32(start, this.part(id));
    this.file.view(start + 4, count * size, this.part(id));
    return { start: start + 4, count };
  }

  tables(id: number, what: string): FlatTable[] {
    const { start, count } = this.vector(id, 4);
    return Array.from({ length: count }, (_, i) => {
      const name = `${what} ${i}`;
      return this.file.table(this.file.target(start + 4 * i, name), name);
    });
  }

  ints(id: number): number[] {
    const { start, count } = this.vector(id, 4);
    return Array.from({ length: count }, (_, i) => this.file.i32(start + 4 * i, this.part(id)));
  }

  floats(id: number): number[] {
    const { start, count } = this.vector(id, 4);
    return Array.from({ length: count }, (_, i) => this.file.scalar(start + 4 * i, 'f32', this.part(id)));
  }

  longs(id: number): bigint[] {
    const { start, count } = this.vector(id, 8);
    return Array.from({ length: count }, (_, i) => this.file.s64(start + 8 * i, this.part(id)));
  }

  bytes(id: number): Uint8Array {
    const { start, count } = this.vector(id, 1);
    return this.file.view(start, count, this.part(id));
  }

  /** Text, of which at most 300 characters are kept: names in a file can be megabytes long. */
  text(id: number): string {
    return new TextDecoder().decode(this.bytes(id).subarray(0, 300));
  }

  /** Every field of an options table. */
  values<F extends Fields>(fields: F): FieldValues<F>;
  values(fields: Fields): Readonly<Record<string, number | boolean>> {
    return Object.fromEntries(
      Object.entries(fields).map(([name, field]) => [
        name,
        field.type === 'bool' ? this.bool(field.id, field.absent) : this.number(field.id, field.type, field.absent),
      ]),
    );
  }
}

/** The values a table without fields has. */
export function absentValues<F extends Fields>(fields: F): FieldValues<F>;
export function absentValues(fields: Fields): Readonly<Record<string, number | boolean>> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.absent]));
}
