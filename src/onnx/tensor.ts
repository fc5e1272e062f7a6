/**
 * Builds an `OnnxTensor` from the fields of a TensorProto. Invariant: sizes are judged before anything is allocated;
 * a tensor that comes out holds exactly prod(dims) elements, from the one payload the file gives it.
 */
import type { Place } from '../diagnostics/diagnostic.js';
import { elementOfCode, nameOfCode, storedBits, storedBytes } from './element-types.js';
import { type ExternalData, safeLocation } from './external.js';
import type { NumericTensor, OnnxTensor } from './model.js';
import {
  bigintOf,
  clampToSafe,
  fieldLength,
  fieldOf,
  type Int64Parts,
  rawElements,
  type TypedFields,
  typedElements,
} from './payload.js';
import type { Problems } from './problems.js';

export interface TensorFields {
  readonly name: string;
  readonly dims: readonly Int64Parts[];
  readonly dataType: number;
  readonly raw: Uint8Array;
  readonly typed: TypedFields;
  readonly strings: readonly Uint8Array[];
  /** The entries of external_data where data_location says EXTERNAL. */
  readonly external: ReadonlyMap<string, string> | undefined;
  readonly isSegment: boolean;
}

export interface TensorContext {
  readonly problems: Problems;
  readonly externalData: ExternalData | undefined;
  readonly maxTensorBytes: number;
}

const utf8 = new TextDecoder();
const resave = 'the file is damaged or was written by a faulty tool: export the model again';

/** Reports what is wrong at `place` and answers with an empty stand-in, so that the search for problems can go on. */
export function readTensor(fields: TensorFields, place: Place, cx: TensorContext): OnnxTensor {
  const { name } = fields;
  const standIn: NumericTensor = { name, dims: [0], elementType: 'u8', data: new Uint8Array(0) };
  const refuse = (code: 'Q0114' | 'Q0119', message: string, help = resave): OnnxTensor => {
    cx.problems.error(code, message, place, help);
    return standIn;
  };
  const element = elementOfCode(fields.dataType);
  if (element === undefined)
    return refuse(
      'Q0119',
      `elements of type ${nameOfCode(fields.dataType)} are not supported`,
      'export the model with float, float16, bfloat16 or 4-, 8-, 16-bit integer tensors',
    );
  const dims = readDims(fields.dims, element === 'string' ? 64 : storedBits[element], place, cx);
  if (dims === undefined) return standIn;
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (fields.isSegment) return refuse('Q0114', 'its data is split into segments, which ONNX no longer defines');
  const found = payloads(fields);
  if (found.length > 1) return refuse('Q0114', `it holds its data ${found.length} times: in ${found.join(' and ')}`);
  if (found.length === 0 && count > 0)
    return refuse('Q0114', `its shape [${dims}] means ${count} elements, the file holds none`);
  const mismatch = (what: string, length: number, expected: number): OnnxTensor =>
    refuse('Q0114', `its shape [${dims}] means ${expected} ${what}, the file holds ${length}`);

  if (element === 'string') {
    if (fields.strings.length !== count) return mismatch('strings in string_data', fields.strings.length, count);
    return { name, dims, elementType: element, data: fields.strings.map((bytes) => utf8.decode(bytes)) };
  }
  const tensor = (data: NumericTensor['data']): OnnxTensor => ({ name, dims, elementType: element, data });
  const bytes = storedBytes(element, count);
  if (fields.external !== undefined) {
    const data = readExternal(fields.external, bytes, place, cx);
    return data === undefined ? standIn : tensor(rawElements(element, count, data));
  }
  if (found.length === 0 || found[0] === 'raw_data') {
    if (fields.raw.length !== bytes) return mismatch(`bytes of ${element} in raw_data`, fields.raw.length, bytes);
    return tensor(rawElements(element, count, fields.raw));
  }
  const field = fieldOf[element];
  if (found[0] !== field)
    return refuse('Q0114', `it holds ${found[0]}, elements of type ${element} belong in ${field}`);
  const length = fieldLength(element, count);
  if (fields.typed[field].length !== length) return mismatch(`numbers in ${field}`, fields.typed[field].length, length);
  const data = typedElements(element, count, fields.typed);
  return typeof data === 'string' ? refuse('Q0114', data) : tensor(data);
}

/** Names of the payload fields that hold anything. */
function payloads(fields: TensorFields): string[] {
  const { typed } = fields;
  const lengths: Readonly<Record<string, number>> = {
    raw_data: fields.raw.length,
    float_data: typed.float_data.length,
    double_data: typed.double_data.length,
    int32_data: typed.int32_data.length,
    int64_data: typed.int64_data.length,
    uint64_data: typed.uint64_data.length,
    string_data: fields.strings.length,
    external_data: fields.external === undefined ? 0 : 1,
  };
  return Object.keys(lengths).filter((name) => lengths[name] > 0);
}

/** Non-negative dims whose product, at `bits` per element, stays within the limit; otherwise reports and gives undefined. */
function readDims(
  dims: readonly Int64Parts[],
  bits: number,
  place: Place,
  cx: TensorContext,
): readonly number[] | undefined {
  const exact = dims.map(bigintOf);
  const bad = exact.findIndex((dim) => dim < 0n);
  if (bad >= 0) {
    cx.problems.error('Q0115', `dimension ${bad} is ${exact[bad]}`, place, resave);
    return undefined;
  }
  const numbers = exact.map(clampToSafe);
  if (!fits(numbers, bits, cx.maxTensorBytes)) {
    reportTooLarge(exact.join(','), place, cx);
    return undefined;
  }
  return numbers;
}

/** Whether a tensor of these dims stays within the limit. A dimension of 0 does not excuse the others. */
export function fits(dims: readonly number[], bitsPerElement: number, maxBytes: number): boolean {
  const product = dims.reduce((p, dim) => p * Math.max(1, dim), 1);
  return (product * bitsPerElement) / 8 <= maxBytes;
}

export function reportTooLarge(
  shape: string,
  place: Place,
  cx: Pick<TensorContext, 'problems' | 'maxTensorBytes'>,
): void {
  const gib = cx.maxTensorBytes / 2 ** 30;
  cx.problems.error(
    'Q0116',
    `its shape [${shape}] means more than the ${gib} GiB a tensor may have`,
    place,
    'check the declared shape; if it is meant, split the tensor in the model',
  );
}

function readExternal(
  entries: ReadonlyMap<string, string>,
  bytes: number,
  place: Place,
  cx: TensorContext,
): Uint8Array | undefined {
  const location = entries.get('location') ?? '';
  const moveHelp =
    'keep the data file in the folder of the model, and save the model again: onnx.save(model, path, save_as_external_data=True)';
  const refuse = (code: 'Q0117' | 'Q0118', message: string, help: string): undefined => {
    cx.problems.error(code, message, place, help);
    return undefined;
  };
  const safe = safeLocation(location);
  if (!safe.ok) return refuse('Q0118', `the location of its data, "${location}", ${safe.why}`, moveHelp);
  const offset = wholeNumber(entries.get('offset') ?? '0');
  const length = wholeNumber(entries.get('length') ?? `${bytes}`);
  if (offset === undefined || length === undefined)
    return refuse('Q0117', 'offset and length of its external data are not whole numbers', resave);
  if (length !== bytes)
    return refuse('Q0117', `its shape means ${bytes} bytes, its external data has length ${length}`, resave);
  if (cx.externalData === undefined)
    return refuse('Q0117', `its data is in another file, "${location}", and none were given`, moveHelp);
  const data = cx.externalData(location, offset, length);
  if (!(data instanceof Uint8Array))
    return refuse(
      data.reason === 'outside' ? 'Q0118' : 'Q0117',
      `its data file "${location}" ${data.message}`,
      data.reason === 'missing' ? `put the file "${location}" beside the model; both are needed` : moveHelp,
    );
  if (data.length !== length)
    return refuse('Q0117', `"${location}" gave ${data.length} bytes, ${length} are needed`, resave);
  return data;
}

function wholeNumber(text: string): number | undefined {
  const value = Number(text);
  return /^\d+$/.test(text) && Number.isSafeInteger(value) ? value : undefined;
}
