/** The bytes of a .tflite file -> `TfliteModel`. Invariant: whatever the bytes are, it answers or throws a `QccError`. */
import { error, type Place, QccError } from '../diagnostics/diagnostic.js';
import { FlatFile, type FlatTable, MalformedFile } from './flat-file.js';
import type { TfliteModel, TfliteOperator, TfliteQuantization, TfliteTensor } from './model.js';
import { operatorNames } from './operator-names.js';
import { type ElementName, elementNames, fieldsOf } from './schema.js';

const VERSION = 3;
const MAX_RANK = 8;
/** More elements than any model holds: products stay exact and byte counts below 2^53. */
const MAX_ELEMENTS = 2 ** 40;

/** Bits of an element; elements of other types have no fixed size, or none qcc reads. */
const elementBits: Partial<Readonly<Record<ElementName, number>>> = {
  FLOAT32: 32,
  FLOAT16: 16,
  INT32: 32,
  UINT8: 8,
  INT64: 64,
  BOOL: 8,
  INT16: 16,
  INT8: 8,
  FLOAT64: 64,
  UINT64: 64,
  UINT32: 32,
  UINT16: 16,
  INT4: 4,
};

/** The file identifier of TFLite models, after the root offset. */
export function isTflite(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && String.fromCharCode(...bytes.subarray(4, 8)) === 'TFL3';
}

/** Throws `QccError` for a file that is no well-formed TFLite model. */
export function decodeTflite(bytes: Uint8Array): TfliteModel {
  try {
    return decode(new FlatFile(bytes));
  } catch (cause) {
    if (!(cause instanceof MalformedFile)) throw cause;
    throw new QccError([
      error('Q0703', cause.message, undefined, 'download or convert it again; TFLite itself could not load it either'),
    ]);
  }
}

function refuse(code: 'Q0706' | 'Q0707' | 'Q0714' | 'Q0715', message: string, place?: Place, help?: string): never {
  throw new QccError([error(code, message, place, help)]);
}

function decode(file: FlatFile): TfliteModel {
  const root = file.root();
  const { model } = fieldsOf;
  const version = root.number(model.version, 'u32', 0);
  if (version !== VERSION) throw new MalformedFile(`its schema version is ${version}, version ${VERSION} is known`);
  const subgraphs = root.tables(model.subgraphs, 'subgraph');
  if (subgraphs.length !== 1)
    refuse(
      'Q0715',
      `the model has ${subgraphs.length} subgraphs, one is supported`,
      undefined,
      'convert it without control flow (If, While, Call)',
    );
  const [subgraph] = subgraphs;
  const buffers = root.tables(model.buffers, 'buffer').map((buffer) => bufferBytes(file, buffer));
  const tensors = subgraph
    .tables(fieldsOf.subgraph.tensors, 'tensor')
    .map((table, index) => decodeTensor(table, index, buffers));
  const codes = root.tables(model.operatorCodes, 'operator code');
  const operators = subgraph
    .tables(fieldsOf.subgraph.operators, 'operator')
    .map((table, index) => decodeOperator(table, index, codes, tensors));
  const io = (id: number, what: string) =>
    subgraph.ints(id).map((i) => {
      if (tensors[i] === undefined) throw new MalformedFile(`${what} is tensor ${i} of ${tensors.length}`);
      return i;
    });
  return {
    description: root.text(model.description),
    tensors,
    operators,
    inputs: io(fieldsOf.subgraph.inputs, 'an input of the model'),
    outputs: io(fieldsOf.subgraph.outputs, 'an output of the model'),
  };
}

/** A buffer's bytes, in the table or, in files above 2 GB, elsewhere in the file. */
function bufferBytes(file: FlatFile, buffer: FlatTable): Uint8Array {
  const { data, offset, size } = fieldsOf.buffer;
  const [at, length] = [buffer.u64(offset), buffer.u64(size)];
  return at > 1 ? file.view(at, length, buffer.what) : buffer.bytes(data);
}

function decodeTensor(table: FlatTable, index: number, buffers: readonly Uint8Array[]): TfliteTensor {
  const { tensor } = fieldsOf;
  const name = table.text(tensor.name) || `tensor ${index}`;
  const place = { part: `tensor "${name}"` };
  const type = table.number(tensor.type, 'i8', 0);
  const element = elementNames[type];
  if (element === undefined) refuse('Q0707', `its element type has number ${type}`, place, 'use a newer qcc');
  const shape = table.ints(tensor.shape);
  if (shape.length > MAX_RANK || shape.some((d) => d < 0) || shape.reduce((p, d) => p * d, 1) > MAX_ELEMENTS)
    refuse('Q0706', `its shape is [${shape.slice(0, MAX_RANK + 1)}]`, place, 'convert the model with static shapes');
  const buffer = table.number(tensor.buffer, 'u32', 0);
  if (buffers[buffer] === undefined && buffer !== 0)
    throw new MalformedFile(`tensor "${name}" has buffer ${buffer} of ${buffers.length}`);
  if (table.number(tensor.externalBuffer, 'u32', 0) !== 0)
    refuse('Q0707', 'its values are in another file', place, 'convert the model into one file');
  const bytes = buffer === 0 ? undefined : buffers[buffer];
  const count = shape.reduce((p, d) => p * d, 1);
  const data = bytes === undefined || (bytes.length === 0 && count > 0) ? undefined : bytes;
  const bits = elementBits[element];
  const isSparse = table.has(tensor.sparsity);
  if (data !== undefined && bits !== undefined && !isSparse) {
    const wanted = Math.ceil((count * bits) / 8);
    if (data.length !== wanted)
      refuse('Q0714', `its constant has ${data.length} bytes, ${element}[${shape}] takes ${wanted}`, place);
  }
  return {
    index,
    name,
    element,
    shape,
    quantization: decodeQuantization(table.table(tensor.quantization, `the quantization of "${name}"`)),
    data,
    isVariable: table.bool(tensor.isVariable),
    isSparse,
  };
}

function decodeQuantization(table: FlatTable | undefined): TfliteQuantization | undefined {
  if (table === undefined) return undefined;
  const { scale, zeroPoint, detailsType, axis } = fieldsOf.quantization;
  if (table.number(detailsType, 'u8', 0) !== 0) throw new MalformedFile(`${table.what} is of a kind qcc does not know`);
  const scales = table.floats(scale);
  if (scales.length === 0) return undefined;
  return { scales, zeroPoints: table.longs(zeroPoint).map(Number), axis: table.number(axis, 'i32', 0) };
}

function decodeOperator(
  table: FlatTable,
  index: number,
  codes: readonly FlatTable[],
  tensors: readonly TfliteTensor[],
): TfliteOperator {
  const { operator, operatorCode } = fieldsOf;
  const code = codes[table.number(operator.opcode, 'u32', 0)];
  if (code === undefined) throw new MalformedFile(`operator ${index} has a code that is not there`);
  const builtin = Math.max(
    code.number(operatorCode.builtinCode, 'i32', 0),
    code.number(operatorCode.deprecatedBuiltinCode, 'i8', 0),
  );
  const name = operatorNames[builtin] ?? `BUILTIN_${builtin}`;
  const isCustom = name === 'CUSTOM';
  const wires = (id: number, least: number) =>
    table.ints(id).map((i) => {
      if (i < least || i >= tensors.length)
        throw new MalformedFile(`operator ${index} (${name}) names tensor ${i} of ${tensors.length}`);
      return i;
    });
  return {
    index,
    name: isCustom ? code.text(operatorCode.customCode) || 'CUSTOM' : name,
    isCustom,
    version: code.number(operatorCode.version, 'i32', 1),
    inputs: wires(operator.inputs, -1),
    outputs: wires(operator.outputs, 0),
    optionsType: table.number(operator.optionsType, 'u8', 0),
    options: table.table(operator.options, `the options of operator ${index} (${name})`),
  };
}
