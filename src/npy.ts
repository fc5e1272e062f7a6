/**
 * NumPy's .npy files, versions 1 to 3. Invariant: nothing is converted silently; a file of another element type or shape
 * than the tensor it is meant for is an error that names the file and both types.
 */
import { error, QccError } from './diagnostics/diagnostic.js';
import { bytesOf, storedBytes } from './ir/stored.js';
import {
  type Element,
  elements,
  gatherData,
  type Shape,
  sameShape,
  type Tensor,
  type TensorData,
  type TensorType,
} from './ir/type.js';
import { parseNpyHeader } from './npy-header.js';
import { halvesToFloats } from './quant/float16.js';

export interface NpyArray {
  readonly element: Element;
  readonly shape: Shape;
  /** Row-major. f16 as f32 values, bfloat16 (which NumPy lacks) as float32, bool as 0/1 bytes. */
  readonly data: TensorData;
}

/** NumPy's codes; s4 and u4 are stored one per byte and share those of s8 and u8. */
const codes: Readonly<Record<Element, string>> = {
  s8: 'i1',
  u8: 'u1',
  s16: 'i2',
  u16: 'u2',
  s32: 'i4',
  u32: 'u4',
  s64: 'i8',
  u64: 'u8',
  bool: 'b1',
  f16: 'f2',
  bf16: 'f4',
  f32: 'f4',
  f64: 'f8',
  s4: 'i1',
  u4: 'u1',
};
/** NumPy's name of what an element is stored as in a file. */
export const numpyNames: Readonly<Record<Element, string>> = {
  s8: 'int8',
  u8: 'uint8',
  s16: 'int16',
  u16: 'uint16',
  s32: 'int32',
  u32: 'uint32',
  s64: 'int64',
  u64: 'uint64',
  bool: 'bool',
  f16: 'float16',
  bf16: 'float32',
  f32: 'float32',
  f64: 'float64',
  s4: 'int8',
  u4: 'uint8',
};
const elementOfCode = new Map<string, Element>(
  (['s8', 'u8', 's16', 'u16', 's32', 'u32', 's64', 'u64', 'bool', 'f16', 'f32', 'f64'] as const).map((e) => [
    codes[e],
    e,
  ]),
);

/** What lies before the data of a file. */
export interface NpyStart {
  readonly element: Element;
  readonly shape: Shape;
  readonly isBig: boolean;
  readonly isFortran: boolean;
  /** Byte at which the data starts. */
  readonly start: number;
}

/** Bytes of the header that tell how long all of it is. */
export const NPY_PREAMBLE = 12;

/** Length of the header, of which at least `NPY_PREAMBLE` bytes are given. Throws QccError Q0601. */
export function npyHeaderLength(bytes: Uint8Array, file: string): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 10 || Buffer.from(bytes.subarray(0, 6)).toString('latin1') !== '\x93NUMPY')
    throw wrong(file, 'not a .npy file');
  const [major, minor] = [bytes[6], bytes[7]];
  if (major < 1 || major > 3 || minor !== 0)
    throw wrong(file, `.npy version ${major}.${minor}, expected 1.0, 2.0 or 3.0`);
  const start = major === 1 ? 10 : NPY_PREAMBLE;
  if (bytes.length < start) throw wrong(file, 'the header is cut off');
  return start + (major === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
}

/** Reads the header, all of which is given. Throws QccError Q0601. */
export function npyStart(bytes: Uint8Array, file: string): NpyStart {
  const start = npyHeaderLength(bytes, file);
  if (start > bytes.length) throw wrong(file, 'the header is cut off');
  const text = Buffer.from(bytes.subarray(bytes[6] === 1 ? 10 : 12, start));
  const header = parseNpyHeader(text.toString(bytes[6] === 3 ? 'utf8' : 'latin1'));
  if (header === undefined) throw wrong(file, 'the header is not valid, or describes a structured array');
  const order = header.descr.charAt(0);
  const element = '<>|='.includes(order) ? elementOfCode.get(header.descr.slice(1)) : undefined;
  if (element === undefined) throw wrong(file, `arrays of ${JSON.stringify(header.descr)} are not supported`);
  return { element, shape: header.shape, isBig: order === '>', isFortran: header.isFortran, start };
}

/** The data of an array, or of a part of one of this shape. Throws QccError Q0601 if its length is not right. */
export function npyData(
  bytes: Uint8Array,
  { element, isBig, isFortran }: NpyStart,
  shape: Shape,
  file: string,
): NpyArray {
  const size = elements(shape) * storedBytes(element);
  if (bytes.length !== size)
    throw wrong(file, `${bytes.length} bytes of data, ${describeArray(element, shape)} has ${size}`);
  const data = decode(element, new Uint8Array(bytes), isBig);
  if (element === 'bool' && data instanceof Uint8Array && data.some((v) => v > 1))
    throw wrong(file, 'holds a bool that is neither 0 nor 1');
  return { element, shape, data: isFortran ? rowMajor(data, shape) : data };
}

/**
 * Decodes a file. Big-endian numbers are swapped, Fortran order is transposed. Throws QccError Q0601 if `bytes` is not a
 * .npy file, its data is cut off or too long, or its element type is none of ours. `file` is for messages.
 */
export function readNpy(bytes: Uint8Array, file: string): NpyArray {
  const header = npyStart(bytes, file);
  return npyData(bytes.subarray(header.start), header, header.shape, file);
}

function wrong(file: string, what: string): QccError {
  return new QccError([error('Q0601', `${file}: ${what}`)]);
}

/** Encodes an array: version 1, little-endian, C order, data aligned to 64 bytes, as numpy.save writes it. */
export function writeNpy(array: NpyArray): Uint8Array {
  const { element, shape, data } = array;
  const size = storedBytes(element);
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${size === 1 ? '|' : '<'}${codes[element]}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((text.length + 11) / 64) * 64 - 10;
  const out = new Uint8Array(10 + length + data.length * size);
  out.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 255, length >> 8]);
  out.set(Buffer.from(`${text.padEnd(length - 1)}\n`, 'latin1'), 10);
  out.set(bytesOf({ type: { element }, data }), 10 + length);
  return out;
}

/** The array as a tensor of `type`. Throws QccError Q0602 naming `file`, what was found and what `name` needs. */
export function npyTensor(array: NpyArray, type: TensorType, file: string, name: string): Tensor {
  if (codes[array.element] !== codes[type.element] || !sameShape(array.shape, type.shape))
    throw new QccError([
      error(
        'Q0602',
        `${file}: found ${describeArray(array.element, array.shape)}, expected ${describeArray(type.element, type.shape)} for "${name}"`,
        undefined,
        'nothing is converted silently: use array.astype(...) and array.reshape(...)',
      ),
    ]);
  return { type, data: array.data };
}

export function tensorNpy(tensor: Tensor): Uint8Array {
  return writeNpy({ element: tensor.type.element, shape: tensor.type.shape, data: tensor.data });
}

/** `int8 [1,3]`, in NumPy's words. */
export function describeArray(element: Element, shape: Shape): string {
  return `${numpyNames[element]} [${shape.join(',')}]`;
}

/** Views of little-endian bytes that start at the beginning of `buffer`. */
const views: Readonly<Record<Element, (buffer: ArrayBuffer) => TensorData>> = {
  s8: (b) => new Int8Array(b),
  u8: (b) => new Uint8Array(b),
  bool: (b) => new Uint8Array(b),
  s4: (b) => new Int8Array(b),
  u4: (b) => new Uint8Array(b),
  s16: (b) => new Int16Array(b),
  u16: (b) => new Uint16Array(b),
  s32: (b) => new Int32Array(b),
  u32: (b) => new Uint32Array(b),
  s64: (b) => new BigInt64Array(b),
  u64: (b) => new BigUint64Array(b),
  f16: (b) => halvesToFloats(new Uint16Array(b)),
  bf16: (b) => new Float32Array(b),
  f32: (b) => new Float32Array(b),
  f64: (b) => new Float64Array(b),
};

/** `raw` is a copy the caller gives away; its bytes are little-endian when this returns. */
function decode(element: Element, raw: Uint8Array<ArrayBuffer>, isBig: boolean): TensorData {
  const size = storedBytes(element);
  if (isBig) for (let at = 0; at < raw.length; at += size) raw.subarray(at, at + size).reverse();
  return views[element](raw.buffer);
}

/** Fortran order (first index fastest) to row-major. */
function rowMajor(data: TensorData, shape: Shape): TensorData {
  const strides = shape.map((_, i) => elements(shape.slice(0, i)));
  const index = shape.map(() => 0);
  const from = new Int32Array(elements(shape));
  for (let to = 0; to < from.length; to++) {
    from[to] = index.reduce((sum, at, i) => sum + at * strides[i], 0);
    for (let i = shape.length - 1; i >= 0 && ++index[i] === shape[i]; i--) index[i] = 0;
  }
  return gatherData(data, from);
}
