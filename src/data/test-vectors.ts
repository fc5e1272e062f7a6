/** ONNX's own test data: `test_data_set_N/input_K.pb`, each a TensorProto. */
import { join } from 'node:path';
import { QccError } from '../diagnostics/diagnostic.js';
import type { Param } from '../ir/graph.js';
import type { NpyArray } from '../npy.js';
import { decodeModel } from '../onnx/decode.js';
import { givenArrays } from './arrays.js';
import { namesIn, readFile } from './files.js';
import { type IndexedSource, unusable } from './source.js';

/** A field of the wire format: its number, and bytes or a small number. */
function field(number: number, value: number | Uint8Array | string): Buffer {
  if (typeof value === 'number') return Buffer.from([number << 3, value]);
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  const length: number[] = [];
  for (let rest = bytes.length; ; rest = Math.floor(rest / 128)) {
    length.push(rest < 128 ? rest : (rest % 128) | 128);
    if (rest < 128) break;
  }
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
}

/** A serialized TensorProto, read by the one reader there is: as the initializer of a model made around it. */
export function readTensor(bytes: Uint8Array, file: string): NpyArray {
  const tensor = Buffer.concat([bytes, field(8, 'w')]);
  const node = Buffer.concat([field(1, 'w'), field(2, 'y'), field(4, 'Identity')]);
  const graph = Buffer.concat([field(1, node), field(2, 'g'), field(5, tensor), field(12, field(1, 'y'))]);
  const model = Buffer.concat([field(1, 8), field(8, field(2, 17)), field(7, graph)]);
  let decoded: ReturnType<typeof decodeModel>;
  try {
    decoded = decodeModel(model);
  } catch (failure) {
    if (!(failure instanceof QccError)) throw failure;
    throw unusable(file, `not a TensorProto: ${failure.diagnostics[0].message}`);
  }
  const found = decoded.model.graph.initializers.get('w');
  if (found === undefined || found.elementType === 'string') throw unusable(file, 'it holds no numbers');
  return { element: found.elementType, shape: found.dims, data: found.data };
}

/** Undefined if the folder has neither `input_0.pb` nor a `test_data_set_0` with one. */
export function testVectors(folder: string, inputs: readonly Param[]): IndexedSource | undefined {
  const names = namesIn(folder);
  const sets = names.filter((name) => /^test_data_set_\d+$/.test(name)).map((name) => join(folder, name));
  const folders = sets.length > 0 ? sets : names.includes('input_0.pb') ? [folder] : [];
  if (folders.length === 0) return undefined;
  return givenArrays(folders, (index) =>
    inputs.map((_, k) => {
      const path = join(folders[index], `input_${k}.pb`);
      return { array: readTensor(readFile(path), path), kind: 'tensor' };
    }),
  );
}
