/** What a user names with --calibrate or --data -> a source. Every kind of file is recognised here, and nowhere else. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { error, QccError } from '../diagnostics/diagnostic.js';
import type { Param } from '../ir/graph.js';
import { elements } from '../ir/type.js';
import { npyFile, npyFolder, npyStream, npzFile } from './arrays.js';
import { cifarSource, idxSource } from './binaries.js';
import { isFolder, namesIn, readFile } from './files.js';
import { imageEnding, imageFiles, imageFolder, loadDecoders } from './images.js';
import { soundEnding, soundFolder, soundSource } from './sounds.js';
import { type Source, unfit, unusable } from './source.js';
import { csvSource } from './tables.js';
import { testVectors } from './test-vectors.js';

const kinds =
  'a folder of .npy, PNG or JPEG (subfolders are classes), WAV or test_data_set_*; a .npy (first axis: samples), .npz, .csv, ' +
  '.wav, IDX or CIFAR file; - for .npy records on stdin';

/** `inputs` are the model's. Throws QccError Q0604 (not there), Q0804 (nothing in it is a sample), Q0805, Q0601. */
export async function openSource(path: string, inputs: readonly Param[]): Promise<Source> {
  if (path === '-') return npyStream(inputs);
  if (!existsSync(path)) throw new QccError([error('Q0604', `${path} does not exist`)]);
  const source = isFolder(path) ? await fromFolder(path, inputs) : await fromFile(path, inputs);
  if (source === undefined) throw unusable(path, 'it is nothing qcc takes samples from', `samples are ${kinds}`);
  if (source.kind === 'indexed' && source.count === 0)
    throw unusable(path, 'it holds no sample', `samples are ${kinds}`);
  return source;
}

async function fromFolder(folder: string, inputs: readonly Param[]): Promise<Source | undefined> {
  const names = namesIn(folder);
  if (names.length === 0) throw unusable(folder, 'the folder is empty', `samples are ${kinds}`);
  const arrays = names.filter((name) => name.endsWith('.npy'));
  if (arrays.length > 0) return npyFolder(folder, arrays, inputs);
  const vectors = testVectors(folder, inputs);
  if (vectors !== undefined) return vectors;
  const only = single(folder, inputs);
  const images = imageFolder(folder, await loadDecoders());
  if (images !== undefined) return checked(images, only);
  const sounds = soundFolder(folder, elements(inputs[0]?.type.shape ?? []));
  if (sounds !== undefined) return checked(sounds, only);
  const idx = names.filter((name) => /images?[-.]idx3/.test(name));
  if (idx.length > 1) throw unusable(folder, `it holds ${idx.join(' and ')}`, 'name one of them');
  if (idx.length === 1) return checked(idxSource(join(folder, idx[0]), readFile(join(folder, idx[0]))), only);
  const batches = names.filter((name) => /^data_batch_\d+\.bin$/.test(name));
  return batches.length === 0 ? undefined : checked(cifarSource(batches.map((name) => join(folder, name))), only);
}

async function fromFile(path: string, inputs: readonly Param[]): Promise<Source | undefined> {
  if (path.endsWith('.npy')) return npyFile(path, inputs);
  if (path.endsWith('.npz')) return npzFile(path, inputs);
  const only = single(path, inputs);
  const count = elements(inputs[0]?.type.shape ?? []);
  const one = [{ path, label: undefined }];
  if (imageEnding.test(path)) return checked(imageFiles(one, undefined, await loadDecoders()), only);
  if (soundEnding.test(path)) return checked(soundSource(one, undefined, count), only);
  if (/\.(csv|tsv)$/i.test(path)) return checked(csvSource(readFile(path).toString('utf8'), path, count), only);
  const bytes = readFile(path);
  return checked(idxSource(path, bytes) ?? cifarSource([path]), only);
}

/** Undefined if the model has one input; else what to say. */
function single(path: string, inputs: readonly Param[]): QccError | undefined {
  if (inputs.length === 1) return undefined;
  return unfit(
    path,
    `the model has ${inputs.length} inputs: give a folder of .npy files or a .npz with an array for each`,
  );
}

function checked(source: Source | undefined, fault: QccError | undefined): Source | undefined {
  if (source !== undefined && fault !== undefined) throw fault;
  return source;
}
