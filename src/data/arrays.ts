/**
 * .npy files, folders of them, .npz archives and streams. A file holds one sample if it has as many elements as the input,
 * else samples along its first axis. Invariant: of a file only the sample asked for is in memory.
 */
import { readSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Param } from '../ir/graph.js';
import { storedBytes } from '../ir/stored.js';
import { elements } from '../ir/type.js';
import { NPY_PREAMBLE, type NpyArray, npyData, npyHeaderLength, npyStart, readNpy } from '../npy.js';
import { readFile, readPart, sizeOf } from './files.js';
import { type IndexedSource, type RawArray, type StreamSource, unfit, unusable } from './source.js';

/** Samples of one input. */
interface Column {
  readonly count: number;
  at(index: number): NpyArray;
  /** What the user calls sample `index`. */
  nameOf(index: number): string;
}

/** Parts of an array along its first axis, or all of it as one. */
function columnOf(array: NpyArray, name: string, input: Param): Column {
  if (array.data.length === elements(input.type.shape) || array.shape.length === 0)
    return { count: 1, at: () => array, nameOf: () => name };
  const [count, ...shape] = array.shape;
  const size = elements(shape);
  return {
    count,
    at: (i) => ({ element: array.element, shape, data: array.data.slice(i * size, (i + 1) * size) }),
    nameOf: (i) => `${name}[${i}]`,
  };
}

function npyColumn(path: string, input: Param): Column {
  const preamble = readPart(path, 0, NPY_PREAMBLE);
  const header = npyStart(readPart(path, 0, npyHeaderLength(preamble, path)), path);
  const [count, ...shape] = header.shape;
  const isOne = elements(header.shape) === elements(input.type.shape) || header.shape.length === 0;
  if (isOne || header.isFortran) {
    const whole = columnOf(readNpy(readFile(path), path), path, input);
    return whole;
  }
  const bytes = elements(shape) * storedBytes(header.element);
  const found = sizeOf(path) - header.start;
  // The message of a whole file that is cut off.
  if (found !== count * bytes) npyData(readPart(path, header.start, found), header, header.shape, path);
  return {
    count,
    at: (i) => npyData(readPart(path, header.start + i * bytes, bytes), header, shape, path),
    nameOf: (i) => `${path}[${i}]`,
  };
}

function sideBySide(
  source: string,
  columns: readonly Column[],
  inputs: readonly Param[],
  labels?: NpyArray,
): IndexedSource {
  const { count } = columns[0];
  for (const [i, column] of columns.entries())
    if (column.count !== count)
      throw unfit(source, `${count} samples of "${inputs[0].name}", but ${column.count} of "${inputs[i].name}"`);
  return {
    kind: 'indexed',
    count,
    classes: undefined,
    at: (index) => ({
      name: columns[0].nameOf(index),
      label: labels === undefined ? undefined : Number(labels.data[index]),
      arrays: columns.map((column) => ({ array: column.at(index), kind: 'tensor' })),
    }),
  };
}

function oneAfterAnother(columns: readonly Column[]): Column {
  const places = columns.flatMap((column) => Array.from({ length: column.count }, (_, i) => ({ column, i })));
  return {
    count: places.length,
    at: (index) => places[index].column.at(places[index].i),
    nameOf: (index) => places[index].column.nameOf(places[index].i),
  };
}

export function npyFile(path: string, inputs: readonly Param[]): IndexedSource {
  if (inputs.length !== 1)
    throw unfit(path, `the model has ${inputs.length} inputs: give a folder with ${fileNames(inputs)}`);
  return sideBySide(path, [npyColumn(path, inputs[0])], inputs);
}

/** Tensor names may hold slashes and colons. */
function fileStem(name: string): string {
  return name.replace(/[^\w.-]/g, '_');
}

function fileNames(inputs: readonly Param[]): string {
  return inputs.map((input) => `${fileStem(input.name)}.npy`).join(', ');
}

/** `NAME.npy` for each input or, for a model with one, any files in order. */
export function npyFolder(folder: string, names: readonly string[], inputs: readonly Param[]): IndexedSource {
  const found = inputs.map((input) => names.find((name) => basename(name, '.npy') === fileStem(input.name)));
  const named = found.flatMap((name) => (name === undefined ? [] : [name]));
  if (named.length === inputs.length)
    return sideBySide(
      folder,
      named.map((name, i) => npyColumn(join(folder, name), inputs[i])),
      inputs,
    );
  if (inputs.length === 1)
    return sideBySide(folder, [oneAfterAnother(names.map((name) => npyColumn(join(folder, name), inputs[0])))], inputs);
  const missing = fileNames(inputs.filter((_, i) => found[i] === undefined));
  throw unfit(folder, `${missing} missing: a model with several inputs needs one file for each`);
}

const LABELS = /^(labels?|y|targets?)$/;

/** An archive with an array for each input by its name, or one array; `labels` or `y` beside it are classes. */
export async function npzFile(path: string, inputs: readonly Param[]): Promise<IndexedSource> {
  const { unzipSync } = await import('fflate');
  let entries: Readonly<Record<string, Uint8Array>>;
  try {
    entries = unzipSync(readFile(path), { filter: ({ name }) => name.endsWith('.npy') });
  } catch (cause) {
    throw unusable(path, `cannot be unpacked: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  const arrays = new Map(
    Object.entries(entries).map(([name, bytes]) => [basename(name, '.npy'), readNpy(bytes, `${path}:${name}`)]),
  );
  const labels = [...arrays].find(([name]) => LABELS.test(name) && !inputs.some((input) => input.name === name))?.[1];
  const others = [...arrays].filter(([, array]) => array !== labels);
  const columns = inputs.map((input) => {
    const array =
      arrays.get(input.name) ??
      arrays.get(fileStem(input.name)) ??
      (inputs.length === 1 && others.length === 1 ? others[0][1] : undefined);
    if (array === undefined)
      throw unusable(
        path,
        `no array "${input.name}"`,
        `it holds ${[...arrays.keys()].join(', ') || 'no arrays'}; np.savez(..., ${input.name}=array) names one`,
      );
    return columnOf(array, path, input);
  });
  return sideBySide(path, columns, inputs, labels);
}

/** Files of one sample: `test_data_set_N/input_K.pb`, decoded. */
export function givenArrays(names: readonly string[], read: (index: number) => readonly RawArray[]): IndexedSource {
  return {
    kind: 'indexed',
    count: names.length,
    classes: undefined,
    at: (index) => ({ name: names[index], label: undefined, arrays: read(index) }),
  };
}

/** .npy records one after the other, a record per input: what `np.save(sys.stdout.buffer, x)` writes. */
export function npyStream(inputs: readonly Param[], fd = 0): StreamSource {
  const name = 'stdin';
  let record = 0;
  let pending: { column: Column; next: number } | undefined;
  const array = (): NpyArray | undefined => {
    const preamble = readFully(fd, NPY_PREAMBLE);
    if (preamble.length === 0) return undefined;
    const where = `${name}[${record}]`;
    const length = npyHeaderLength(preamble, where);
    const head = Buffer.concat([preamble, readFully(fd, length - preamble.length)]);
    const header = npyStart(head, where);
    const data = readFully(fd, elements(header.shape) * storedBytes(header.element));
    return npyData(data, header, header.shape, where);
  };
  return {
    kind: 'stream',
    next() {
      if (pending !== undefined && pending.next < pending.column.count) {
        const { column, next } = pending;
        pending.next++;
        return { name: column.nameOf(next), label: undefined, arrays: [{ array: column.at(next), kind: 'tensor' }] };
      }
      const first = array();
      if (first === undefined) return undefined;
      const where = `${name}[${record}]`;
      record++;
      if (inputs.length === 1) {
        pending = { column: columnOf(first, where, inputs[0]), next: 0 };
        return this.next();
      }
      const arrays: RawArray[] = [{ array: first, kind: 'tensor' }];
      for (const input of inputs.slice(1)) {
        const more = array();
        if (more === undefined) throw unusable(where, `it ends before the record of "${input.name}"`);
        arrays.push({ array: more, kind: 'tensor' });
      }
      return { name: where, label: undefined, arrays };
    },
  };
}

/** As many bytes as there are, at most `length`; waits where a pipe has none yet. */
function readFully(fd: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let got = 0;
  while (got < length) {
    try {
      const n = readSync(fd, bytes, got, length - got, null);
      if (n === 0) break;
      got += n;
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
      if (code === 'EOF') break;
      if (code !== 'EAGAIN') throw cause;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
  return bytes.subarray(0, got);
}
