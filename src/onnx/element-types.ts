/**
 * ONNX's tensor element types (TensorProto.DataType, ONNX 1.20) under our names. Invariant: a code qcc has no data
 * form for is refused by its name, never read as something else.
 */

/** Elements whose data qcc holds. bf16, like f16, is held as f32 values already rounded. */
export type NumericElement =
  | 'f32'
  | 'f64'
  | 'f16'
  | 'bf16'
  | 's8'
  | 'u8'
  | 's16'
  | 'u16'
  | 's32'
  | 'u32'
  | 's64'
  | 'u64'
  | 'bool'
  | 's4'
  | 'u4';
export type OnnxElement = NumericElement | 'string';

interface CodeEntry {
  readonly code: number;
  /** As ONNX spells it, lower case. */
  readonly onnxName: string;
  readonly element?: OnnxElement;
}

const table: readonly CodeEntry[] = [
  { code: 1, onnxName: 'float', element: 'f32' },
  { code: 2, onnxName: 'uint8', element: 'u8' },
  { code: 3, onnxName: 'int8', element: 's8' },
  { code: 4, onnxName: 'uint16', element: 'u16' },
  { code: 5, onnxName: 'int16', element: 's16' },
  { code: 6, onnxName: 'int32', element: 's32' },
  { code: 7, onnxName: 'int64', element: 's64' },
  { code: 8, onnxName: 'string', element: 'string' },
  { code: 9, onnxName: 'bool', element: 'bool' },
  { code: 10, onnxName: 'float16', element: 'f16' },
  { code: 11, onnxName: 'double', element: 'f64' },
  { code: 12, onnxName: 'uint32', element: 'u32' },
  { code: 13, onnxName: 'uint64', element: 'u64' },
  { code: 14, onnxName: 'complex64' },
  { code: 15, onnxName: 'complex128' },
  { code: 16, onnxName: 'bfloat16', element: 'bf16' },
  { code: 17, onnxName: 'float8e4m3fn' },
  { code: 18, onnxName: 'float8e4m3fnuz' },
  { code: 19, onnxName: 'float8e5m2' },
  { code: 20, onnxName: 'float8e5m2fnuz' },
  { code: 21, onnxName: 'uint4', element: 'u4' },
  { code: 22, onnxName: 'int4', element: 's4' },
  { code: 23, onnxName: 'float4e2m1' },
  { code: 24, onnxName: 'float8e8m0' },
  { code: 25, onnxName: 'uint2' },
  { code: 26, onnxName: 'int2' },
];
const byCode = new Map(table.map((entry) => [entry.code, entry]));
const byElement = new Map(table.map((entry) => [entry.element, entry.code]));

/** Our element of an ONNX data type code (also the `to` of Cast); undefined if qcc does not support it. */
export function elementOfCode(code: number): OnnxElement | undefined {
  return byCode.get(code)?.element;
}

/** ONNX's code of one of our elements. */
export function codeOfElement(element: OnnxElement): number {
  const code = byElement.get(element);
  if (code === undefined) throw new RangeError(`no ONNX code for ${element}`);
  return code;
}

/** ONNX's own name of a code, for messages: `float8e4m3fn`, `undefined (0)`, `unknown type 99`. */
export function nameOfCode(code: number): string {
  return byCode.get(code)?.onnxName ?? (code === 0 ? 'undefined (0)' : `unknown type ${code}`);
}

/** Bits of one element as ONNX stores it in raw_data. */
export const storedBits: Readonly<Record<NumericElement, number>> = {
  f32: 32,
  f64: 64,
  f16: 16,
  bf16: 16,
  s8: 8,
  u8: 8,
  s16: 16,
  u16: 16,
  s32: 32,
  u32: 32,
  s64: 64,
  u64: 64,
  bool: 8,
  s4: 4,
  u4: 4,
};

/** Bytes that `count` elements take in raw_data or in an external file. */
export function storedBytes(element: NumericElement, count: number): number {
  return Math.ceil((storedBits[element] * count) / 8);
}
