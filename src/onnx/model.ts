/**
 * A decoded ONNX model as plain read-only data. Invariant: what `decodeModel` returns is well formed: every name is
 * defined once and before it is read, nodes are in topological order, every tensor holds exactly prod(dims) elements,
 * every attribute's payload is the one its type states, and no call of a model-local function is left.
 */
import type { Place } from '../diagnostics/diagnostic.js';
import type { TensorData } from '../ir/type.js';
import type { NumericElement, OnnxElement } from './element-types.js';

export type { NumericElement, OnnxElement } from './element-types.js';

export interface OnnxModel {
  readonly irVersion: number;
  /** Version by domain; the default domain ('' or 'ai.onnx') is ''. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly producer: { readonly name: string; readonly version: string };
  readonly graph: OnnxGraph;
  /** Model-local functions. Empty after `decodeModel`, which inlines them. */
  readonly functions: readonly OnnxFunction[];
  readonly metadata: ReadonlyMap<string, string>;
  readonly about?: OnnxAbout;
}

/** What its author says about the model. It computes nothing, and a rewritten model keeps it. */
export interface OnnxAbout {
  readonly domain: string;
  readonly version: bigint;
  readonly doc: string;
  readonly graphDoc: string;
  /** Of inputs and outputs, by name. */
  readonly valueDocs: ReadonlyMap<string, string>;
}

export interface OnnxGraph {
  readonly name: string;
  /** Inputs the caller provides: inputs that are backed by an initializer are constants and are not listed. */
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  readonly nodes: readonly OnnxNode[];
  /** What the file says about inner values, by name. */
  readonly valueInfo: ReadonlyMap<string, OnnxValueInfo>;
}

/** A static size, a named one, or an unknown one. */
export type OnnxDim = number | { readonly symbol: string } | undefined;

export interface OnnxValueInfo {
  readonly name: string;
  /** Always present for the inputs of the main graph. */
  readonly elemType: OnnxElement | undefined;
  /** undefined: not even the rank is known. */
  readonly dims: readonly OnnxDim[] | undefined;
}

export interface OnnxNode {
  /** May be empty. */
  readonly name: string;
  readonly opType: string;
  /** '' for ONNX's own operators. */
  readonly domain: string;
  /** '' stands for an absent optional input. */
  readonly inputs: readonly string[];
  /** '' stands for an output that nobody wants. */
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

export type OnnxAttribute =
  /** `value` is clamped to the safe integers (INT64_MAX is a common "to the end"); `exact` is what the file says. */
  | { readonly kind: 'int'; readonly name: string; readonly value: number; readonly exact: bigint }
  | { readonly kind: 'float'; readonly name: string; readonly value: number }
  | { readonly kind: 'string'; readonly name: string; readonly value: string }
  | { readonly kind: 'tensor'; readonly name: string; readonly value: OnnxTensor }
  | { readonly kind: 'graph'; readonly name: string; readonly value: OnnxGraph }
  | {
      readonly kind: 'ints';
      readonly name: string;
      readonly value: readonly number[];
      readonly exact: readonly bigint[];
    }
  | { readonly kind: 'floats'; readonly name: string; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly name: string; readonly value: readonly string[] }
  | { readonly kind: 'tensors'; readonly name: string; readonly value: readonly OnnxTensor[] }
  | { readonly kind: 'graphs'; readonly name: string; readonly value: readonly OnnxGraph[] }
  /** Inside a function body: the value of the function's attribute `refAttrName`, of kind `of`. */
  | { readonly kind: 'ref'; readonly name: string; readonly refAttrName: string; readonly of: AttributeKind }
  /** A sparse tensor or a type: kept by name so that an operator which needs it can be refused by name. */
  | { readonly kind: 'unsupported'; readonly name: string; readonly what: string };
export type AttributeKind = OnnxAttribute['kind'];

export type OnnxTensor = NumericTensor | StringTensor;
/**
 * Row-major. `data` follows `ir/type.ts`: f16 and bf16 are Float32Array, s4 and u4 one value per byte, bool 0 or 1.
 * It may be a view of the model file's bytes: never write to it.
 */
export interface NumericTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly elementType: NumericElement;
  readonly data: TensorData;
}
export interface StringTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly elementType: 'string';
  readonly data: readonly string[];
}

export interface OnnxFunction {
  readonly name: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Attributes a caller may give that have no default. */
  readonly attributes: readonly string[];
  /** Attributes with a default value. */
  readonly defaults: ReadonlyMap<string, OnnxAttribute>;
  readonly opsets: ReadonlyMap<string, number>;
  readonly nodes: readonly OnnxNode[];
}

/** How diagnostics name a node: by its name, or by its first output if it has none. */
export function nodePlace(node: OnnxNode, part?: string): Place {
  const name = node.name === '' ? (node.outputs.find((output) => output !== '') ?? '') : node.name;
  const operator = node.domain === '' ? node.opType : `${node.domain}.${node.opType}`;
  return { node: name, operator, ...(part === undefined ? {} : { part }) };
}

/** Part of a node for `nodePlace`: `input 4 "w_scale"`. */
export function inputPart(node: OnnxNode, index: number): string {
  const name = node.inputs[index];
  return name === undefined || name === '' ? `input ${index}` : `input ${index} "${name}"`;
}

/** The graphs directly inside a node: bodies of If, Loop, Scan. */
export function subgraphs(node: OnnxNode): OnnxGraph[] {
  return [...node.attributes.values()].flatMap((a) =>
    a.kind === 'graph' ? [a.value] : a.kind === 'graphs' ? a.value : [],
  );
}

/** One spelling for the two names of ONNX's own domain. */
export function canonicalDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}
