/**
 * The numbers of a tensor, from whichever of ONNX's payload fields holds them. Invariant: the answer has exactly the
 * number of elements asked for, in the host's byte order, and no stored value was bent to fit.
 */
import type { TensorData } from '../ir/type.js';
import { halvesToFloats } from '../quant/float16.js';
import { type NumericElement, storedBits, storedBytes } from './element-types.js';

/** A 64-bit integer as onnx-proto gives it: a number, or two 32-bit halves. */
export type Int64Parts = number | { readonly low: number; readonly high: number };

/** The typed fields of a TensorProto; empty where the file has none. */
export interface TypedFields {
  readonly float_data: readonly number[];
  readonly double_data: readonly number[];
  readonly int32_data: readonly number[];
  readonly int64_data: readonly Int64Parts[];
  readonly uint64_data: readonly Int64Parts[];
}

const hostIsLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

const viewOf: Readonly<Record<NumericElement, (buffer: ArrayBufferLike, offset: number, count: number) => TensorData>> =
  {
    f32: (b, o, n) => new Float32Array(b, o, n),
    f64: (b, o, n) => new Float64Array(b, o, n),
    f16: (b, o, n) => new Uint16Array(b, o, n),
    bf16: (b, o, n) => new Uint16Array(b, o, n),
    s8: (b, o, n) => new Int8Array(b, o, n),
    u8: (b, o, n) => new Uint8Array(b, o, n),
    s16: (b, o, n) => new Int16Array(b, o, n),
    u16: (b, o, n) => new Uint16Array(b, o, n),
    s32: (b, o, n) => new Int32Array(b, o, n),
    u32: (b, o, n) => new Uint32Array(b, o, n),
    s64: (b, o, n) => new BigInt64Array(b, o, n),
    u64: (b, o, n) => new BigUint64Array(b, o, n),
    bool: (b, o, n) => new Uint8Array(b, o, n),
    s4: (b, o, n) => new Int8Array(b, o, n),
    u4: (b, o, n) => new Uint8Array(b, o, n),
  };

/** Copies little-endian numbers of `width` bytes into the host's order. */
export function toHostOrder(
  bytes: Uint8Array,
  width: number,
  littleEndian = hostIsLittleEndian,
): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  if (!littleEndian && width > 1) for (let i = 0; i < copy.length; i += width) copy.subarray(i, i + width).reverse();
  return copy;
}

/**
 * Elements of raw little-endian bytes, whose length the caller has checked against `storedBytes`. A view of `bytes`
 * where the host's byte order and the alignment allow it, else a copy.
 */
export function rawElements(element: NumericElement, count: number, bytes: Uint8Array): TensorData {
  if (element === 's4' || element === 'u4') return unpackNibbles(element, count, bytes);
  if (element === 'bool') return bytes.every((b) => b <= 1) ? bytes.subarray() : bytes.map((b) => (b === 0 ? 0 : 1));
  const width = storedBits[element] / 8;
  const usable = width === 1 || (hostIsLittleEndian && bytes.byteOffset % width === 0);
  const source = usable ? bytes : toHostOrder(bytes, width);
  return widen(element, viewOf[element](source.buffer, source.byteOffset, count));
}

/** Half-precision patterns become the f32 values they mean; everything else stays. */
function widen(element: NumericElement, data: TensorData): TensorData {
  if (!(data instanceof Uint16Array)) return data;
  if (element === 'f16') return halvesToFloats(data);
  if (element === 'bf16') return new Float32Array(Uint32Array.from(data, (bits) => bits << 16).buffer);
  return data;
}

function unpackNibbles(element: 's4' | 'u4', count: number, packed: ArrayLike<number>): Int8Array | Uint8Array {
  const out = element === 's4' ? new Int8Array(count) : new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const nibble = (packed[i >> 1] >> (4 * (i & 1))) & 15;
    out[i] = element === 's4' && nibble > 7 ? nibble - 16 : nibble;
  }
  return out;
}

/** Low nibble first, as ONNX packs int4 and uint4. */
export function packNibbles(values: ArrayLike<number>): Uint8Array {
  const out = new Uint8Array(Math.ceil(values.length / 2));
  for (let i = 0; i < values.length; i++) out[i >> 1] |= (values[i] & 15) << (4 * (i & 1));
  return out;
}

/** The typed field ONNX prescribes for each element. */
export const fieldOf: Readonly<Record<NumericElement, keyof TypedFields>> = {
  f32: 'float_data',
  f64: 'double_data',
  f16: 'int32_data',
  bf16: 'int32_data',
  s8: 'int32_data',
  u8: 'int32_data',
  s16: 'int32_data',
  u16: 'int32_data',
  s32: 'int32_data',
  u32: 'uint64_data',
  s64: 'int64_data',
  u64: 'uint64_data',
  bool: 'int32_data',
  s4: 'int32_data',
  u4: 'int32_data',
};

/** How many entries `fieldOf[element]` needs for `count` elements: 4-bit ones share an entry by twos. */
export function fieldLength(element: NumericElement, count: number): number {
  return element === 's4' || element === 'u4' ? storedBytes(element, count) : count;
}

/** Elements of the typed field, whose length the caller has checked. A string says which value does not fit. */
export function typedElements(element: NumericElement, count: number, fields: TypedFields): TensorData | string {
  if (element === 'f32') return new Float32Array(fields.float_data);
  if (element === 'f64') return new Float64Array(fields.double_data);
  if (element === 's64') return new BigInt64Array(words(fields.int64_data).buffer);
  if (element === 'u64') return new BigUint64Array(words(fields.uint64_data).buffer);
  if (element === 'u32') return fitted(element, fields.uint64_data.map(numberOf));
  if (element === 'bool') return Uint8Array.from(fields.int32_data, (v) => (v === 0 ? 0 : 1));
  if (element === 's4' || element === 'u4') {
    const bad = fields.int32_data.findIndex((v) => v < -128 || v > 255);
    return bad >= 0
      ? `entry ${bad} is ${fields.int32_data[bad]}, not a byte`
      : unpackNibbles(element, count, fields.int32_data);
  }
  const data = fitted(element, fields.int32_data);
  return typeof data === 'string' ? data : widen(element, data);
}

function fitted(element: NumericElement, values: readonly number[]): TensorData | string {
  const data = viewOf[element](new ArrayBuffer(values.length * (storedBits[element] / 8)), 0, values.length);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    throw new TypeError('64-bit elements have no int32_data');
  data.set(values);
  const bad = values.findIndex((value, i) => data[i] !== value);
  return bad < 0 ? data : `element ${bad} is ${values[bad]}, which does not fit the element type`;
}

function words(values: readonly Int64Parts[]): BigInt64Array<ArrayBuffer> {
  const out = new BigInt64Array(values.length);
  const halves = new Int32Array(out.buffer);
  const low = hostIsLittleEndian ? 0 : 1;
  values.forEach((value, i) => {
    if (typeof value === 'number') out[i] = BigInt(value);
    else {
      halves[2 * i + low] = value.low;
      halves[2 * i + 1 - low] = value.high;
    }
  });
  return out;
}

function numberOf(value: Int64Parts): number {
  return typeof value === 'number' ? value : (value.high >>> 0) * 4294967296 + (value.low >>> 0);
}

/** Exact value of a signed 64-bit integer. */
export function bigintOf(value: Int64Parts): bigint {
  return typeof value === 'number' ? BigInt(value) : (BigInt(value.high) << 32n) | BigInt(value.low >>> 0);
}

/** The nearest safe integer. */
export function clampToSafe(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) return Number.MAX_SAFE_INTEGER;
  if (value < BigInt(Number.MIN_SAFE_INTEGER)) return Number.MIN_SAFE_INTEGER;
  return Number(value);
}
