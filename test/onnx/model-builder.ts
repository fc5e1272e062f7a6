/**
 * Small ONNX models for tests, as data. Invariant: what is not said is the most ordinary choice (opset 17, IR 8), so a
 * test shows only what it is about.
 */
import type { TensorData } from '../../src/ir/type.js';
import { encodeModel } from '../../src/onnx/encode.js';
import type {
  AttributeKind,
  NumericElement,
  OnnxAttribute,
  OnnxDim,
  OnnxElement,
  OnnxFunction,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxValueInfo,
} from '../../src/onnx/model.js';

/**
 * A value as an attribute: integers and lists of them become int and ints, other numbers float and floats; `floats`,
 * `float` and `ints` say it where the numbers do not (an empty list, 1.0).
 */
export type AttributeInput =
  | number
  | bigint
  | string
  | readonly number[]
  | readonly string[]
  | OnnxTensor
  | OnnxGraph
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly ints: readonly number[] }
  | { readonly ref: string; readonly of: AttributeKind };

/** 'string' is the name of a symbolic dimension, null an unknown one. */
export type DimInput = number | string | null;

export interface GraphSpec {
  readonly name?: string;
  readonly inputs?: readonly OnnxValueInfo[];
  readonly outputs?: readonly (OnnxValueInfo | string)[];
  readonly nodes: readonly OnnxNode[];
  readonly initializers?: Readonly<Record<string, OnnxTensor>>;
  readonly valueInfo?: readonly OnnxValueInfo[];
}

export interface ModelSpec extends GraphSpec {
  readonly opset?: number;
  readonly irVersion?: number;
  /** Versions of other domains. */
  readonly domains?: Readonly<Record<string, number>>;
  readonly functions?: readonly OnnxFunction[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/** ONNX bytes. */
export function model(spec: ModelSpec): Uint8Array {
  return encodeModel(onnxModel(spec));
}

export function onnxModel(spec: ModelSpec): OnnxModel {
  return {
    irVersion: spec.irVersion ?? 8,
    opsets: new Map([['', spec.opset ?? 17], ...Object.entries(spec.domains ?? {})]),
    producer: { name: 'qcc-test', version: '' },
    graph: graph(spec),
    functions: spec.functions ?? [],
    metadata: new Map(Object.entries(spec.metadata ?? {})),
  };
}

export function graph(spec: GraphSpec): OnnxGraph {
  const untyped = (name: string): OnnxValueInfo => ({ name, elemType: undefined, dims: undefined });
  return {
    name: spec.name ?? 'test',
    inputs: spec.inputs ?? [],
    outputs: (spec.outputs ?? []).map((output) => (typeof output === 'string' ? untyped(output) : output)),
    initializers: new Map(Object.entries(spec.initializers ?? {}).map(([name, tensor]) => [name, { ...tensor, name }])),
    nodes: spec.nodes,
    valueInfo: new Map((spec.valueInfo ?? []).map((value) => [value.name, value])),
  };
}

export function value(name: string, elemType: OnnxElement, dims: readonly DimInput[]): OnnxValueInfo {
  const dim = (d: DimInput): OnnxDim => (d === null ? undefined : typeof d === 'string' ? { symbol: d } : d);
  return { name, elemType, dims: dims.map(dim) };
}

/** `domain` is written before the operator: 'com.microsoft:QLinearAdd'. The node is named after its first output. */
export function node(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, AttributeInput>> = {},
  name = `${outputs[0] ?? operator}_node`,
): OnnxNode {
  const colon = operator.lastIndexOf(':');
  return {
    name,
    opType: operator.slice(colon + 1),
    domain: colon < 0 ? '' : operator.slice(0, colon),
    inputs,
    outputs,
    attributes: new Map(Object.entries(attributes).map(([key, input]) => [key, attribute(key, input)])),
  };
}

export interface FunctionSpec {
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: readonly string[];
  readonly defaults?: Readonly<Record<string, AttributeInput>>;
  readonly opset?: number;
  readonly domains?: Readonly<Record<string, number>>;
  readonly nodes: readonly OnnxNode[];
}

export function onnxFunction(name: string, spec: FunctionSpec): OnnxFunction {
  return {
    name,
    domain: spec.domain ?? 'test',
    inputs: spec.inputs,
    outputs: spec.outputs,
    attributes: spec.attributes ?? [],
    defaults: new Map(Object.entries(spec.defaults ?? {}).map(([key, input]) => [key, attribute(key, input)])),
    opsets: new Map([['', spec.opset ?? 17], ...Object.entries(spec.domains ?? {})]),
    nodes: spec.nodes,
  };
}

export function attribute(name: string, input: AttributeInput): OnnxAttribute {
  const exact = (values: readonly number[]) => values.map((v) => BigInt(v));
  if (typeof input === 'bigint') return { kind: 'int', name, value: Number(input), exact: input };
  if (typeof input === 'string') return { kind: 'string', name, value: input };
  if (typeof input === 'number')
    return Number.isInteger(input)
      ? { kind: 'int', name, value: input, exact: BigInt(input) }
      : { kind: 'float', name, value: Math.fround(input) };
  if (isStrings(input)) return { kind: 'strings', name, value: input };
  if (isNumbers(input))
    return input.every(Number.isInteger)
      ? { kind: 'ints', name, value: input, exact: exact(input) }
      : { kind: 'floats', name, value: input.map(Math.fround) };
  if ('float' in input) return { kind: 'float', name, value: Math.fround(input.float) };
  if ('floats' in input) return { kind: 'floats', name, value: input.floats.map(Math.fround) };
  if ('ints' in input) return { kind: 'ints', name, value: input.ints, exact: exact(input.ints) };
  if ('ref' in input) return { kind: 'ref', name, refAttrName: input.ref, of: input.of };
  if ('elementType' in input) return { kind: 'tensor', name, value: input };
  return { kind: 'graph', name, value: input };
}

function isStrings(input: AttributeInput): input is readonly string[] {
  return Array.isArray(input) && input.length > 0 && input.every((v) => typeof v === 'string');
}

function isNumbers(input: AttributeInput): input is readonly number[] {
  return Array.isArray(input) && input.every((v) => typeof v === 'number');
}

const makers: Readonly<Record<NumericElement, (values: readonly number[]) => TensorData>> = {
  f32: (v) => new Float32Array(v),
  f64: (v) => new Float64Array(v),
  f16: (v) => new Float32Array(v),
  bf16: (v) => new Float32Array(v),
  s8: (v) => new Int8Array(v),
  u8: (v) => new Uint8Array(v),
  s16: (v) => new Int16Array(v),
  u16: (v) => new Uint16Array(v),
  s32: (v) => new Int32Array(v),
  u32: (v) => new Uint32Array(v),
  s64: (v) => BigInt64Array.from(v, (x) => BigInt(x)),
  u64: (v) => BigUint64Array.from(v, (x) => BigInt(x)),
  bool: (v) => new Uint8Array(v),
  s4: (v) => new Int8Array(v),
  u4: (v) => new Uint8Array(v),
};

/** A tensor; `values` in row-major order. Values of f16 and bf16 must be representable. */
export function tensor(
  elementType: NumericElement,
  dims: readonly number[],
  values: readonly number[],
  name = '',
): OnnxTensor {
  return { name, dims, elementType, data: makers[elementType](values) };
}

export function stringTensor(dims: readonly number[], values: readonly string[], name = ''): OnnxTensor {
  return { name, dims, elementType: 'string', data: values };
}
