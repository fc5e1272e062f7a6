/**
 * Reads the attributes of one node. Invariant: an attribute that nobody read is an error, so none is ever accepted and
 * ignored; problems are collected, and what is returned in place of a bad value is only there so that the caller can go
 * on looking for more. Call `finish` last and use nothing that was read if it gives any.
 */
import { type Diagnostic, error } from '../diagnostics/diagnostic.js';
import {
  type AttributeKind,
  nodePlace,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
} from './model.js';

/** Attributes that say nothing about the meaning. */
const remarks: ReadonlySet<string> = new Set(['doc_string']);

type Of<K extends AttributeKind> = Extract<OnnxAttribute, { readonly kind: K }>;

const kindNames: Readonly<Record<AttributeKind, string>> = {
  int: 'an integer',
  float: 'a float',
  string: 'a string',
  tensor: 'a tensor',
  graph: 'a graph',
  ints: 'a list of integers',
  floats: 'a list of floats',
  strings: 'a list of strings',
  tensors: 'a list of tensors',
  graphs: 'a list of graphs',
  ref: 'a reference',
  unsupported: 'a value of an unsupported type',
};
const emptyTensor: OnnxTensor = { name: '', dims: [0], elementType: 'f32', data: new Float32Array(0) };
const emptyGraph: OnnxGraph = {
  name: '',
  inputs: [],
  outputs: [],
  initializers: new Map(),
  nodes: [],
  valueInfo: new Map(),
};

export class AttributeReader {
  private readonly read = new Set<string>();
  private readonly found: Diagnostic[] = [];

  constructor(private readonly node: OnnxNode) {}

  /** Whether the node gives the attribute; this alone does not count as reading it. */
  has(name: string): boolean {
    return this.node.attributes.has(name);
  }

  /** 64-bit values beyond the safe integers are clamped to them. */
  int<D extends number | undefined>(name: string, fallback: D): number | D {
    return this.find(name, 'int')?.value ?? fallback;
  }

  requiredInt(name: string): number {
    return this.demand(name, 'int')?.value ?? 0;
  }

  /** 0 or 1, as ONNX writes booleans. */
  bool(name: string, fallback: boolean): boolean {
    const value = this.find(name, 'int')?.value;
    if (value === undefined) return fallback;
    if (value !== 0 && value !== 1) this.invalid(name, `is ${value}, expected 0 or 1`);
    return value !== 0;
  }

  ints<D extends readonly number[] | undefined>(name: string, fallback: D): readonly number[] | D {
    return this.find(name, 'ints')?.value ?? fallback;
  }

  requiredInts(name: string): readonly number[] {
    return this.demand(name, 'ints')?.value ?? [];
  }

  /** A float32 value. */
  float<D extends number | undefined>(name: string, fallback: D): number | D {
    return this.find(name, 'float')?.value ?? fallback;
  }

  requiredFloat(name: string): number {
    return this.demand(name, 'float')?.value ?? 0;
  }

  floats<D extends readonly number[] | undefined>(name: string, fallback: D): readonly number[] | D {
    return this.find(name, 'floats')?.value ?? fallback;
  }

  requiredFloats(name: string): readonly number[] {
    return this.demand(name, 'floats')?.value ?? [];
  }

  string<D extends string | undefined>(name: string, fallback: D): string | D {
    return this.find(name, 'string')?.value ?? fallback;
  }

  requiredString(name: string): string {
    return this.demand(name, 'string')?.value ?? '';
  }

  strings<D extends readonly string[] | undefined>(name: string, fallback: D): readonly string[] | D {
    return this.find(name, 'strings')?.value ?? fallback;
  }

  /** One of `values`; anything else is a problem that lists them. */
  oneOf<const V extends string, D extends V | undefined>(name: string, values: readonly V[], fallback: D): V | D {
    const text = this.find(name, 'string')?.value;
    if (text === undefined) return fallback;
    const value = values.find((v) => v === text);
    if (value === undefined) this.invalid(name, `is "${text}", expected ${values.map((v) => `"${v}"`).join(' or ')}`);
    return value ?? fallback;
  }

  tensor(name: string): OnnxTensor | undefined {
    return this.find(name, 'tensor')?.value;
  }

  requiredTensor(name: string): OnnxTensor {
    return this.demand(name, 'tensor')?.value ?? emptyTensor;
  }

  graph(name: string): OnnxGraph | undefined {
    return this.find(name, 'graph')?.value;
  }

  requiredGraph(name: string): OnnxGraph {
    return this.demand(name, 'graph')?.value ?? emptyGraph;
  }

  /** Marks attributes as seen whose value cannot change the result here; say at the call why. */
  irrelevant(...names: readonly string[]): void {
    for (const name of names) this.read.add(name);
  }

  /** A rule of the operator that the value of `name` breaks, in words that follow the attribute's name. */
  invalid(name: string, message: string, help = 'export the model again with a value that ONNX allows'): void {
    this.found.push(
      error('Q0126', `attribute "${name}" ${message}`, nodePlace(this.node, `attribute "${name}"`), help),
    );
  }

  /** Problems so far, without those of unread attributes: for a caller that gives up half way. */
  problems(): readonly Diagnostic[] {
    return this.found;
  }

  /** All problems, those of attributes that were never read included, in the order of the file. */
  finish(): readonly Diagnostic[] {
    const unread = [...this.node.attributes.keys()].filter((name) => !this.read.has(name) && !remarks.has(name));
    const { node } = this;
    return [
      ...this.found,
      ...unread.map((name) =>
        error(
          'Q0127',
          `${node.opType} has no attribute "${name}" in the opset of this model, or qcc does not support it`,
          nodePlace(node, `attribute "${name}"`),
          'remove the attribute, or export the model again with an opset that defines it',
        ),
      ),
    ];
  }

  private find<K extends AttributeKind>(name: string, kind: K): Of<K> | undefined {
    this.read.add(name);
    const attribute = this.node.attributes.get(name);
    if (attribute === undefined) return undefined;
    if (isKind(attribute, kind)) return attribute;
    const actual = attribute.kind === 'unsupported' ? attribute.what : kindNames[attribute.kind];
    this.found.push(
      error(
        'Q0125',
        `attribute "${name}" is ${actual}, expected ${kindNames[kind]}`,
        nodePlace(this.node, `attribute "${name}"`),
        'export the model again; the tool that wrote it does not follow the operator definition',
      ),
    );
    return undefined;
  }

  private demand<K extends AttributeKind>(name: string, kind: K): Of<K> | undefined {
    if (!this.node.attributes.has(name))
      this.found.push(
        error(
          'Q0124',
          `${this.node.opType} needs the attribute "${name}", which is missing`,
          nodePlace(this.node),
          `export the model again; "${name}" has no default`,
        ),
      );
    return this.find(name, kind);
  }
}

function isKind<K extends AttributeKind>(attribute: OnnxAttribute, kind: K): attribute is Of<K> {
  return attribute.kind === kind;
}
