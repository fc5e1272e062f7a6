/**
 * Files of the MNIST family (IDX, also .gz) and of CIFAR (binary). Invariant: a size that does not follow from the header
 * is refused: no sample is made of half a file.
 */
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { NpyArray } from '../npy.js';
import { namesIn, readFile } from './files.js';
import { type IndexedSource, unusable } from './source.js';

const idxElements = {
  8: ['u8', 1],
  9: ['s8', 1],
  11: ['s16', 2],
  12: ['s32', 4],
  13: ['f32', 4],
  14: ['f64', 8],
} as const;

/** The array of an IDX file; undefined if it is none. Throws Q0804 if its data is cut off. */
export function readIdx(bytes: Buffer, file: string): NpyArray | undefined {
  const raw = bytes[0] === 0x1f && bytes[1] === 0x8b ? unpacked(bytes, file) : bytes;
  if (raw.length < 4 || raw[0] !== 0 || raw[1] !== 0) return undefined;
  const code = raw[2];
  if (code !== 8 && code !== 9 && code !== 11 && code !== 12 && code !== 13 && code !== 14) return undefined;
  const [element, size] = idxElements[code];
  const rank = raw[3];
  const start = 4 + 4 * rank;
  if (rank === 0 || raw.length < start) return undefined;
  const shape = Array.from({ length: rank }, (_, i) => raw.readUInt32BE(4 + 4 * i));
  const count = shape.reduce((p, d) => p * d, 1);
  const found = raw.length - start;
  if (found !== count * size)
    throw unusable(file, `${found} bytes of data, its header says [${shape}]: ${count * size}`, 'fetch it again');
  const numbers = (read: (at: number) => number) => Array.from({ length: count }, (_, i) => read(start + i * size));
  switch (element) {
    case 'u8':
      return { element, shape, data: Uint8Array.from(raw.subarray(start)) };
    case 's8':
      return { element, shape, data: Int8Array.from(raw.subarray(start)) };
    case 's16':
      return { element, shape, data: Int16Array.from(numbers((at) => raw.readInt16BE(at))) };
    case 's32':
      return { element, shape, data: Int32Array.from(numbers((at) => raw.readInt32BE(at))) };
    case 'f32':
      return { element, shape, data: Float32Array.from(numbers((at) => raw.readFloatBE(at))) };
    case 'f64':
      return { element, shape, data: Float64Array.from(numbers((at) => raw.readDoubleBE(at))) };
  }
}

function unpacked(bytes: Buffer, file: string): Buffer {
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    throw unusable(file, `cannot be unpacked: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/** The labels beside `train-images-idx3-ubyte`: `train-labels-idx1-ubyte`, packed or not. */
function labelsBeside(file: string): NpyArray | undefined {
  const name = basename(file).replace(/\.gz$/, '');
  if (!/images?[-.]idx3/.test(name)) return undefined;
  const wanted = name.replace(/images?([-.])idx3/, 'labels$1idx1');
  const folder = join(file, '..');
  const found = namesIn(folder).find((n) => n.replace(/\.gz$/, '') === wanted);
  return found === undefined ? undefined : readIdx(readFile(join(folder, found)), found);
}

/** Samples along the first axis of an IDX file; undefined if it is none. */
export function idxSource(path: string, bytes: Buffer): IndexedSource | undefined {
  const array = readIdx(bytes, path);
  if (array === undefined) return undefined;
  const [count, ...shape] = array.shape;
  const labels = labelsBeside(path);
  if (labels !== undefined && labels.data.length !== count)
    throw unusable(path, `${count} samples, but ${labels.data.length} labels beside it`);
  const size = shape.reduce((p, d) => p * d, 1);
  const isImage = array.element === 'u8' && shape.length === 2;
  return {
    kind: 'indexed',
    count,
    classes: undefined,
    at(index) {
      const data = array.data.slice(index * size, (index + 1) * size);
      const one: NpyArray = { element: array.element, shape: isImage ? [...shape, 1] : shape, data };
      return {
        name: `${path}[${index}]`,
        label: labels === undefined ? undefined : Number(labels.data[index]),
        arrays: [{ array: one, kind: isImage ? 'image' : 'tensor' }],
      };
    },
  };
}

const SIDE = 32;
const PLANE = SIDE * SIDE;

/** CIFAR-10 (one label byte) and CIFAR-100 (coarse and fine label) binaries; undefined if the size is neither's. */
export function cifarSource(paths: readonly string[]): IndexedSource | undefined {
  const files = paths.map((path) => ({ path, bytes: readFile(path) }));
  const labelBytes = [1, 2].find((n) =>
    files.every(({ bytes }) => bytes.length > 0 && bytes.length % (n + 3 * PLANE) === 0 && hasLabels(bytes, n)),
  );
  if (labelBytes === undefined) return undefined;
  const record = labelBytes + 3 * PLANE;
  const starts = files.flatMap((file) =>
    Array.from({ length: file.bytes.length / record }, (_, i) => ({ ...file, number: i, start: i * record })),
  );
  return {
    kind: 'indexed',
    count: starts.length,
    classes: undefined,
    at(index) {
      const { path, bytes, start, number } = starts[index];
      const data = new Uint8Array(3 * PLANE);
      const from = start + labelBytes;
      for (let p = 0; p < PLANE; p++) for (let c = 0; c < 3; c++) data[3 * p + c] = bytes[from + c * PLANE + p];
      const array: NpyArray = { element: 'u8', shape: [SIDE, SIDE, 3], data };
      return { name: `${path}[${number}]`, label: bytes[from - 1], arrays: [{ array, kind: 'image' }] };
    },
  };
}

/** Labels of 10 or 100 classes where labels should be. */
function hasLabels(bytes: Buffer, labelBytes: number): boolean {
  const record = labelBytes + 3 * PLANE;
  const limit = labelBytes === 1 ? 10 : 100;
  for (let at = labelBytes - 1; at < bytes.length; at += record) if (bytes[at] >= limit) return false;
  return true;
}
