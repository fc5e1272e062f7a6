/** Makes .tflite bytes for tests, well formed or wrong on purpose. Knows the format by itself: no code of the reader. */
import { Builder } from 'flatbuffers';

export interface TensorSpec {
  readonly name: string;
  /** Number of the element type: 0 float32, 2 int32, 9 int8, ... */
  readonly type: number;
  readonly shape: readonly number[];
  readonly scales?: readonly number[];
  readonly zeros?: readonly number[];
  readonly axis?: number;
  /** Bytes of a constant. */
  readonly data?: Uint8Array;
  readonly isVariable?: boolean;
}

/** A field of an options table: number and value. */
export type OptionField = readonly [id: number, type: 'i8' | 'i32' | 'f32' | 'bool', value: number];

export interface OperatorSpec {
  readonly code: number;
  readonly version?: number;
  readonly custom?: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly optionsType?: number;
  readonly options?: readonly OptionField[];
}

export interface TfliteSpec {
  readonly tensors: readonly TensorSpec[];
  readonly operators: readonly OperatorSpec[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly subgraphs?: number;
  readonly schema?: number;
}

const NONE = 0;

function ints(b: Builder, values: readonly number[]): number {
  b.startVector(4, values.length, 4);
  for (const v of values.toReversed()) b.addInt32(v);
  return b.endVector();
}

function offsets(b: Builder, values: readonly number[]): number {
  b.startVector(4, values.length, 4);
  for (const v of values.toReversed()) b.addOffset(v);
  return b.endVector();
}

function bytes(b: Builder, values: Uint8Array): number {
  b.startVector(1, values.length, 16);
  for (const v of values.toReversed()) b.addInt8(v);
  return b.endVector();
}

function quantization(b: Builder, { scales, zeros, axis }: TensorSpec): number {
  if (scales === undefined) return NONE;
  b.startVector(4, scales.length, 4);
  for (const s of scales.toReversed()) b.addFloat32(s);
  const scaleAt = b.endVector();
  const all = zeros ?? scales.map(() => 0);
  b.startVector(8, all.length, 8);
  for (const z of all.toReversed()) b.addInt64(BigInt(z));
  const zeroAt = b.endVector();
  b.startObject(7);
  b.addFieldOffset(2, scaleAt, NONE);
  b.addFieldOffset(3, zeroAt, NONE);
  b.addFieldInt32(6, axis ?? 0, 0);
  return b.endObject();
}

function tensor(b: Builder, spec: TensorSpec, buffer: number): number {
  const [shape, name, quant] = [ints(b, spec.shape), b.createString(spec.name), quantization(b, spec)];
  b.startObject(11);
  b.addFieldOffset(0, shape, NONE);
  b.addFieldInt8(1, spec.type, 0);
  b.addFieldInt32(2, buffer, 0);
  b.addFieldOffset(3, name, NONE);
  b.addFieldOffset(4, quant, NONE);
  b.addFieldInt8(5, spec.isVariable === true ? 1 : 0, 0);
  return b.endObject();
}

function options(b: Builder, fields: readonly OptionField[]): number {
  b.startObject(Math.max(0, ...fields.map(([id]) => id + 1)));
  for (const [id, type, value] of fields) {
    if (type === 'i8' || type === 'bool') b.addFieldInt8(id, value, 0);
    else if (type === 'i32') b.addFieldInt32(id, value, -1);
    else b.addFieldFloat32(id, value, -1);
  }
  return b.endObject();
}

function operator(b: Builder, spec: OperatorSpec, index: number): number {
  const [inputs, outputs] = [ints(b, spec.inputs), ints(b, spec.outputs)];
  const table = spec.options === undefined ? NONE : options(b, spec.options);
  b.startObject(9);
  b.addFieldInt32(0, index, 0);
  b.addFieldOffset(1, inputs, NONE);
  b.addFieldOffset(2, outputs, NONE);
  b.addFieldInt8(3, spec.optionsType ?? 0, 0);
  b.addFieldOffset(4, table, NONE);
  return b.endObject();
}

function operatorCode(b: Builder, spec: OperatorSpec): number {
  const custom = spec.custom === undefined ? NONE : b.createString(spec.custom);
  b.startObject(4);
  b.addFieldInt8(0, Math.min(spec.code, 127), 0);
  b.addFieldOffset(1, custom, NONE);
  b.addFieldInt32(2, spec.version ?? 1, 1);
  b.addFieldInt32(3, spec.code, 0);
  return b.endObject();
}

export function tfliteModel(spec: TfliteSpec): Uint8Array {
  const b = new Builder(1024);
  const constants = spec.tensors.flatMap((t) => (t.data === undefined ? [] : [t.data]));
  const buffers = [new Uint8Array(0), ...constants].map((data) => {
    const at = data.length === 0 ? NONE : bytes(b, data);
    b.startObject(1);
    b.addFieldOffset(0, at, NONE);
    return b.endObject();
  });
  let next = 1;
  const tensors = spec.tensors.map((t) => tensor(b, t, t.data === undefined ? 0 : next++));
  const operators = spec.operators.map((o, i) => operator(b, o, i));
  const [tensorsAt, inputs, outputs] = [offsets(b, tensors), ints(b, spec.inputs), ints(b, spec.outputs)];
  const operatorsAt = offsets(b, operators);
  const subgraphs = Array.from({ length: spec.subgraphs ?? 1 }, () => {
    b.startObject(5);
    b.addFieldOffset(0, tensorsAt, NONE);
    b.addFieldOffset(1, inputs, NONE);
    b.addFieldOffset(2, outputs, NONE);
    b.addFieldOffset(3, operatorsAt, NONE);
    return b.endObject();
  });
  const codes = spec.operators.map((o) => operatorCode(b, o));
  const [codesAt, subgraphsAt, buffersAt] = [offsets(b, codes), offsets(b, subgraphs), offsets(b, buffers)];
  b.startObject(5);
  b.addFieldInt32(0, spec.schema ?? 3, 0);
  b.addFieldOffset(1, codesAt, NONE);
  b.addFieldOffset(2, subgraphsAt, NONE);
  b.addFieldOffset(4, buffersAt, NONE);
  b.finish(b.endObject(), 'TFL3');
  return b.asUint8Array();
}

export const FLOAT32 = 0;
export const INT32 = 2;
export const STRING = 5;
export const INT64 = 4;
export const INT16 = 7;
export const INT8 = 9;

export function int32Bytes(values: readonly number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(values).buffer);
}

export function int8Bytes(values: readonly number[]): Uint8Array {
  return new Uint8Array(Int8Array.from(values).buffer);
}
