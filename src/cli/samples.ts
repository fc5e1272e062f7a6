/** Inputs to verify and time a model on. Invariant: data of the user's own is never converted, padded or cut. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { error, QccError } from '../diagnostics/diagnostic.js';
import type { Param } from '../ir/graph.js';
import type { Sample } from '../ir/seeded.js';
import { elements, sameShape, type Tensor } from '../ir/type.js';
import { type NpyArray, npyTensor, readNpy } from '../npy.js';
import { terminal } from './session.js';

export { type Sample, seededSamples } from '../ir/seeded.js';

/**
 * Samples of `--data`: a .npy file, or a folder. A file holds one input or many of them along a new first axis, or along
 * the batch axis of a model whose batch is 1. In a folder `NAME.npy` belongs to the input of that name; for a model with
 * one input, any .npy files do, in the order of their names. Throws `QccError` Q0601, Q0602, Q0604, Q0607.
 */
export function readSamples(source: string, inputs: readonly Param[]): readonly Sample[] {
  const stat = statSync(source, { throwIfNoEntry: false });
  if (stat === undefined) throw new QccError([error('Q0604', `${source} does not exist`)]);
  const columns = stat.isDirectory() ? folderColumns(source, inputs) : [fileColumn(source, inputs)];
  const count = columns[0].length;
  for (const [i, column] of columns.entries())
    if (column.length !== count)
      throw unfit(source, `${count} samples of "${inputs[0].name}", but ${column.length} of "${inputs[i].name}"`);
  if (count === 0) throw unfit(source, 'it holds no sample');
  return Array.from({ length: count }, (_, s) => columns.map((column) => column[s]));
}

function folderColumns(folder: string, inputs: readonly Param[]): readonly (readonly Tensor[])[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.npy'))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const named = inputs.map((input) => names.find((name) => basename(name, '.npy') === fileStem(input.name)));
  if (named.every((name) => name !== undefined))
    return named.flatMap((name, i) => (name === undefined ? [] : [split(join(folder, name), inputs[i])]));
  const [only] = inputs;
  if (inputs.length === 1) return [names.flatMap((name) => split(join(folder, name), only))];
  const missing = inputs.filter((_, i) => named[i] === undefined).map((input) => `${fileStem(input.name)}.npy`);
  throw unfit(folder, `${missing.join(', ')} missing: a model with several inputs needs one file for each`);
}

/** Tensor names may hold slashes and colons. */
function fileStem(name: string): string {
  return name.replace(/[^\w.-]/g, '_');
}

function fileColumn(file: string, inputs: readonly Param[]): readonly Tensor[] {
  const [input] = inputs;
  if (inputs.length === 1) return split(file, input);
  throw unfit(file, `the model has ${inputs.length} inputs: give a folder with a .npy file for each`);
}

function split(file: string, input: Param): readonly Tensor[] {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new QccError([
      error('Q0604', `${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`),
    ]);
  }
  const array = readNpy(bytes, file);
  const { shape } = input.type;
  const [count, ...rest] = array.shape;
  const isStack = count !== undefined && !sameShape(array.shape, shape) && sameShape(rest, shape);
  const isBatch = shape[0] === 1 && count !== undefined && sameShape(rest, shape.slice(1));
  if (!isStack && !isBatch) return [npyTensor(array, input.type, file, input.name)];
  return Array.from({ length: count }, (_, s) => npyTensor(slice(array, s, shape), input.type, file, input.name));
}

function slice(array: NpyArray, index: number, shape: readonly number[]): NpyArray {
  const size = elements(shape);
  return { element: array.element, shape, data: array.data.slice(index * size, (index + 1) * size) };
}

function unfit(source: string, what: string): QccError {
  return new QccError([error('Q0607', `${source}: ${what}`)]);
}

/** Says on a terminal what takes long. */
export function progress(text: string): void {
  if (process.stderr.isTTY === true) terminal.say(text);
}
