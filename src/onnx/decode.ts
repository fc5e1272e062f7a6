/**
 * ONNX bytes -> `OnnxModel`. With encode.ts the only user of onnx-proto. Invariant: any bytes give either a well-formed
 * model or a `QccError` that lists everything wrong with them; never another exception, and never without bound.
 */
import onnxProto, { type onnx } from 'onnx-proto';
import type { Diagnostic, Place } from '../diagnostics/diagnostic.js';
import { admit, notOnnx, refusal } from './admission.js';
import { type AttributeType, attributeTypes, holds } from './attribute-types.js';
import { elementOfCode, nameOfCode, storedBits } from './element-types.js';
import type { ExternalData } from './external.js';
import { aboutOf, checkOpsets, readIrVersion, readOpsets } from './header.js';
import { inlineFunctions } from './inline.js';
import {
  canonicalDomain,
  nodePlace,
  type OnnxAttribute,
  type OnnxDim,
  type OnnxFunction,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
} from './model.js';
import { bigintOf, clampToSafe, type Int64Parts } from './payload.js';
import { AT_FUNCTIONS, AT_HEADER, AT_INITIALIZERS, AT_INPUTS, AT_OUTPUTS, Problems } from './problems.js';
import { checkStructure } from './structure.js';
import { fits, readTensor, reportTooLarge, type TensorContext } from './tensor.js';
import type { WireScan } from './wire.js';

const { ModelProto, AttributeProto } = onnxProto.onnx;

export interface DecodeLimits {
  /** Bytes of one tensor, declared or stored. */
  readonly maxTensorBytes: number;
  /** Estimated heap bytes of the decoded protobuf, raw_data not counted. */
  readonly maxDecodedBytes: number;
  /** Graphs inside graphs. */
  readonly maxSubgraphDepth: number;
  /** Nodes and calls after the functions are inlined. */
  readonly maxInlinedNodes: number;
}
export const defaultLimits: DecodeLimits = {
  maxTensorBytes: 4 * 2 ** 30,
  maxDecodedBytes: 1.2e9,
  maxSubgraphDepth: 24,
  maxInlinedNodes: 250_000,
};

export interface DecodedModel {
  readonly model: OnnxModel;
  /** Nothing that stops the work: for example a very new IR version. */
  readonly notes: readonly Diagnostic[];
}

const exportAgain = 'export the model again';

/**
 * Decodes, checks, sorts and inlines. Pure: data outside `bytes` comes through `externalData` (see `externalReader`).
 * Tensors may be views of `bytes`, which must not change afterwards. Throws `QccError` with all problems, in graph order.
 */
export function decodeModel(
  bytes: Uint8Array,
  externalData?: ExternalData,
  limits: DecodeLimits = defaultLimits,
): DecodedModel {
  const { proto, scan } = readProto(bytes, limits);
  const problems = new Problems();
  const reader = new ProtoReader({ problems, externalData, maxTensorBytes: limits.maxTensorBytes }, limits);
  const raw = reader.model(proto, scan);
  const checked = checkStructure(raw, problems);
  problems.throwIfErrors();
  const model = inlineFunctions(checked, problems, limits.maxInlinedNodes);
  problems.throwIfErrors();
  return { model, notes: problems.sorted() };
}

function readProto(bytes: Uint8Array, limits: DecodeLimits): { proto: onnx.ModelProto; scan: WireScan } {
  const scan = admit(bytes, limits.maxDecodedBytes);
  let proto: onnx.ModelProto;
  try {
    proto = ModelProto.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  } catch (caught) {
    throw notOnnx(bytes, caught instanceof Error ? caught.message : 'it does not decode');
  }
  if (proto.graph == null) {
    const isModel = bigintOf(proto.irVersion) > 0n && proto.opsetImport.length > 0;
    throw isModel
      ? refusal('Q0103', 'the model holds no graph', exportAgain)
      : notOnnx(bytes, 'no part of a model is in it');
  }
  return { proto, scan };
}

/** Turns messages into model data and reports what is wrong with each on its own; names are judged by `checkStructure`. */
class ProtoReader {
  constructor(
    private readonly tensors: TensorContext,
    private readonly limits: DecodeLimits,
  ) {}

  private get problems(): Problems {
    return this.tensors.problems;
  }

  model(proto: onnx.ModelProto, scan: WireScan): OnnxModel {
    this.problems.at = AT_HEADER;
    const irVersion = readIrVersion(proto.irVersion, this.problems);
    const opsets = this.opsets(proto.opsetImport);
    checkOpsets(opsets, this.problems);
    if (scan.usesOverloads)
      this.problems.error(
        'Q0121',
        'the model uses function overloads',
        undefined,
        'inline its functions first: onnx.inliner.inline_local_functions(model)',
      );
    const graph = this.graph(proto.graph ?? {}, 0, undefined);
    this.problems.at = AT_FUNCTIONS;
    return {
      irVersion,
      opsets,
      producer: { name: proto.producerName, version: proto.producerVersion },
      graph,
      functions: proto.functions.map((f, i) => this.function(f, scan.functionDefaults[i] ?? [])),
      metadata: entries(proto.metadataProps),
      ...aboutOf(proto),
    };
  }

  private opsets(imports: readonly onnx.IOperatorSetIdProto[]): Map<string, number> {
    return readOpsets(
      imports.map(({ domain, version }) => ({ domain: domain ?? '', version: version ?? 0 })),
      this.problems,
    );
  }

  private graph(proto: onnx.IGraphProto, depth: number, owner: Place | undefined): OnnxGraph {
    const place = (part: string): Place => ({ ...owner, part });
    const name = proto.name ?? '';
    const initializers = new Map<string, OnnxTensor>();
    if (depth > this.limits.maxSubgraphDepth) {
      this.problems.error(
        'Q0120',
        `graphs nest deeper than ${this.limits.maxSubgraphDepth}`,
        owner,
        'flatten the nested If, Loop and Scan bodies of the model',
      );
      return { name, inputs: [], outputs: [], initializers, nodes: [], valueInfo: new Map() };
    }
    const stand = (at: number): void => {
      if (owner === undefined) this.problems.at = at;
    };
    stand(AT_INITIALIZERS);
    for (const [i, tensor] of (proto.initializer ?? []).entries()) {
      const key = tensor.name ?? '';
      const where = place(`initializer "${key}"`);
      if (key === '') this.problems.error('Q0112', `initializer ${i} has no name`, owner, exportAgain);
      if (initializers.has(key))
        this.problems.error('Q0109', `two initializers are named "${key}"`, where, exportAgain);
      initializers.set(key, this.tensor(tensor, where));
    }
    for (const sparse of proto.sparseInitializer ?? [])
      this.problems.error(
        'Q0123',
        'a sparse initializer is not supported',
        place(`initializer "${sparse.values?.name ?? ''}"`),
        'store it as a dense tensor; qcc finds zeros by itself',
      );
    stand(AT_INPUTS);
    const inputs = (proto.input ?? [])
      .filter((input) => !initializers.has(input.name ?? ''))
      .map((input) =>
        this.valueInfo(input, place(`graph input "${input.name ?? ''}"`), owner === undefined ? 'input' : 'other'),
      );
    const nodes = (proto.node ?? []).map((node, i) => {
      stand(i);
      return this.node(node, depth);
    });
    stand(AT_OUTPUTS);
    const outputs = (proto.output ?? []).map((output) =>
      this.valueInfo(output, place(`graph output "${output.name ?? ''}"`), owner === undefined ? 'output' : 'other'),
    );
    const valueInfo = (proto.valueInfo ?? []).map((v) => this.valueInfo(v, place(`value "${v.name ?? ''}"`), 'other'));
    return { name, inputs, outputs, initializers, nodes, valueInfo: new Map(valueInfo.map((v) => [v.name, v])) };
  }

  private valueInfo(proto: onnx.IValueInfoProto, place: Place, role: 'input' | 'output' | 'other'): OnnxValueInfo {
    const name = proto.name ?? '';
    const { type } = proto;
    const tensor = type?.tensorType;
    if (tensor == null) {
      const other = otherType(type ?? {});
      if (role !== 'other' && other !== undefined)
        this.problems.error(
          'Q0122',
          `it is ${other}; only tensors are supported`,
          place,
          'export the model with plain tensors as inputs and outputs',
        );
      else if (role === 'input')
        this.problems.error(
          'Q0122',
          'it states no type',
          place,
          `${exportAgain}; every graph input needs an element type and a shape`,
        );
      return { name, elemType: undefined, dims: undefined };
    }
    const code = tensor.elemType ?? 0;
    const elemType = elementOfCode(code);
    if (elemType === undefined && (role === 'input' || (role === 'output' && code !== 0)))
      this.problems.error(
        'Q0119',
        `elements of type ${nameOfCode(code)} are not supported`,
        place,
        'export the model with float, float16, bfloat16 or integer tensors',
      );
    const dims = tensor.shape?.dim?.map((dim, i) => this.dim(dim, i, place));
    const known = dims?.filter((dim) => typeof dim === 'number') ?? [];
    const bits = elemType === undefined || elemType === 'string' ? 8 : storedBits[elemType];
    if (!fits(known, bits, this.limits.maxTensorBytes)) reportTooLarge(`${known}`, place, this.tensors);
    return { name, elemType, dims };
  }

  /** -1 is how several exporters, and ONNX Runtime with them, write an unknown size. */
  private dim(proto: onnx.TensorShapeProto.IDimension, index: number, place: Place): OnnxDim {
    if (proto.dimValue == null) return proto.dimParam ? { symbol: proto.dimParam } : undefined;
    const exact = bigintOf(proto.dimValue);
    if (exact === -1n) return undefined;
    if (exact < 0n) {
      this.problems.error(
        'Q0115',
        `dimension ${index} is ${exact}`,
        place,
        `${exportAgain}; an unknown size is written as a name`,
      );
      return undefined;
    }
    return clampToSafe(exact);
  }

  private node(proto: onnx.INodeProto, depth: number): OnnxNode {
    const attributes = new Map<string, OnnxAttribute>();
    const node: OnnxNode = {
      name: proto.name ?? '',
      opType: proto.opType ?? '',
      domain: canonicalDomain(proto.domain ?? ''),
      inputs: proto.input ?? [],
      outputs: proto.output ?? [],
      attributes,
    };
    for (const attribute of proto.attribute ?? []) {
      const name = attribute.name ?? '';
      const place = nodePlace(node, `attribute "${name}"`);
      if (attributes.has(name)) this.problems.error('Q0113', 'the attribute is given twice', place, exportAgain);
      const value = this.attribute(attribute, place, depth);
      if (value !== undefined) attributes.set(name, value);
    }
    return node;
  }

  private attribute(proto: onnx.IAttributeProto, place: Place, depth: number): OnnxAttribute | undefined {
    const name = proto.name ?? '';
    const type = proto.type ?? 0;
    const refuse = (message: string): undefined => {
      this.problems.error('Q0113', message, place, `${exportAgain}; the file contradicts itself here`);
      return undefined;
    };
    const stated = attributeTypes[type];
    if (stated === undefined && type !== 0) return refuse(`attribute type ${type} is unknown`);
    // A scalar that is 0 or empty may be written or left out, whatever the type: writers differ.
    const present = attributeTypes.filter((t) => t !== undefined && holds(proto, t.field, true));
    const refAttrName = proto.refAttrName ?? '';
    if (refAttrName !== '') {
      if (present.length > 0) return refuse('it has a value and also refers to an attribute of the function');
      return { kind: 'ref', name, refAttrName, of: stated?.kind ?? 'unsupported' };
    }
    const others = present.filter((t) => t !== stated);
    if (stated !== undefined && others.length > 0)
      return refuse(`its type is ${stated.kind}, but it holds ${others.map((t) => t?.field).join(', ')}`);
    const guesses =
      present.length > 0 ? present : attributeTypes.filter((t) => t !== undefined && holds(proto, t.field, false));
    const chosen = stated ?? (guesses.length === 1 ? guesses[0] : undefined);
    if (chosen === undefined)
      return refuse(guesses.length === 0 ? 'it has neither a type nor a value' : 'it has no type and several values');
    if (chosen.needsPayload && present.length === 0) return refuse(`its type is ${chosen.what}, but it holds none`);
    return this.attributeValue(proto, name, chosen, place, depth);
  }

  private attributeValue(
    proto: onnx.IAttributeProto,
    name: string,
    type: AttributeType,
    place: Place,
    depth: number,
  ): OnnxAttribute {
    const owner = { ...place };
    switch (type.kind) {
      case 'int': {
        const exact = bigintOf(proto.i ?? 0);
        return { kind: 'int', name, value: clampToSafe(exact), exact };
      }
      case 'ints': {
        const exact = (proto.ints ?? []).map((i) => bigintOf(i));
        return { kind: 'ints', name, value: exact.map(clampToSafe), exact };
      }
      case 'float':
        return { kind: 'float', name, value: proto.f ?? 0 };
      case 'floats':
        return { kind: 'floats', name, value: proto.floats ?? [] };
      case 'string':
        return { kind: 'string', name, value: utf8.decode(proto.s ?? new Uint8Array(0)) };
      case 'strings':
        return { kind: 'strings', name, value: (proto.strings ?? []).map((s) => utf8.decode(s)) };
      case 'tensor':
        return { kind: 'tensor', name, value: this.tensor(proto.t ?? {}, place) };
      case 'tensors':
        return { kind: 'tensors', name, value: (proto.tensors ?? []).map((t) => this.tensor(t, place)) };
      case 'graph':
        return { kind: 'graph', name, value: this.graph(proto.g ?? {}, depth + 1, owner) };
      case 'graphs':
        return { kind: 'graphs', name, value: (proto.graphs ?? []).map((g) => this.graph(g, depth + 1, owner)) };
      default:
        return { kind: 'unsupported', name, what: type.what };
    }
  }

  private tensor(proto: onnx.ITensorProto, place: Place): OnnxTensor {
    const external = proto.dataLocation === 1 ? entries(proto.externalData ?? []) : undefined;
    return readTensor(
      {
        name: proto.name ?? '',
        dims: proto.dims ?? [],
        dataType: proto.dataType ?? 0,
        raw: plainBytes(proto.rawData ?? new Uint8Array(0)),
        typed: {
          float_data: proto.floatData ?? [],
          double_data: proto.doubleData ?? [],
          int32_data: proto.int32Data ?? [],
          int64_data: (proto.int64Data ?? []) as readonly Int64Parts[],
          uint64_data: (proto.uint64Data ?? []) as readonly Int64Parts[],
        },
        strings: proto.stringData ?? [],
        external,
        isSegment: proto.segment != null,
      },
      place,
      this.tensors,
    );
  }

  private function(proto: onnx.IFunctionProto, encodedDefaults: readonly Uint8Array[]): OnnxFunction {
    const name = proto.name ?? '';
    const defaults = new Map<string, OnnxAttribute>();
    for (const encoded of encodedDefaults) {
      const attribute = AttributeProto.decode(Buffer.from(encoded.buffer, encoded.byteOffset, encoded.length));
      const value = this.attribute(attribute, { part: `function "${name}", attribute "${attribute.name}"` }, 1);
      if (value !== undefined) defaults.set(value.name, value);
    }
    return {
      name,
      domain: canonicalDomain(proto.domain ?? ''),
      inputs: proto.input ?? [],
      outputs: proto.output ?? [],
      attributes: proto.attribute ?? [],
      defaults,
      opsets: this.opsets(proto.opsetImport ?? []),
      nodes: (proto.node ?? []).map((node) => this.node(node, 0)),
    };
  }
}

const utf8 = new TextDecoder();

function otherType(type: onnx.ITypeProto): string | undefined {
  if (type.sequenceType != null) return 'a sequence';
  if (type.mapType != null) return 'a map';
  if (type.optionalType != null) return 'an optional value';
  if (type.sparseTensorType != null) return 'a sparse tensor';
  return undefined;
}

function entries(pairs: readonly onnx.IStringStringEntryProto[]): Map<string, string> {
  return new Map(pairs.map((pair) => [pair.key ?? '', pair.value ?? '']));
}

/** A Buffer's bytes as a plain Uint8Array: what comes out of here must compare and behave like one. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
