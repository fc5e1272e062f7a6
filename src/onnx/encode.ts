/**
 * `OnnxModel` -> ONNX bytes. With decode.ts the only user of onnx-proto. Invariant: decoding the answer gives an equal
 * model. Tensors are written as raw_data, inside the file.
 */
import LongValue from 'long';
import onnxProto, { type onnx } from 'onnx-proto';
import { floatsToHalves } from '../quant/float16.js';
import { typeNumber } from './attribute-types.js';
import { codeOfElement } from './element-types.js';
import type {
  NumericTensor,
  OnnxAttribute,
  OnnxFunction,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxValueInfo,
} from './model.js';
import { packNibbles, toHostOrder } from './payload.js';

const { ModelProto, AttributeProto } = onnxProto.onnx;

/** Before this IR version every initializer has to be a graph input too. */
const FIRST_IR_WITH_PURE_INITIALIZERS = 4;

/** Throws `RangeError` for a model with attributes that `decodeModel` keeps by name only (sparse tensors, types). */
export function encodeModel(model: OnnxModel): Uint8Array {
  const message: onnx.IModelProto = {
    irVersion: model.irVersion,
    producerName: model.producer.name,
    producerVersion: model.producer.version,
    opsetImport: opsetImports(model.opsets),
    ...fieldsOf(model),
    metadataProps: [...model.metadata].map(([key, value]) => ({ key, value })),
    functions: model.functions.map(functionProto),
  };
  const encoded = ModelProto.encode(message).finish();
  const bytes = new Uint8Array(encoded.buffer, encoded.byteOffset, encoded.length);
  return model.functions.some((f) => f.defaults.size > 0) ? withDefaults(model, message) : bytes;
}

function fieldsOf({ about, graph, irVersion }: OnnxModel): onnx.IModelProto {
  const proto = graphProto(graph, irVersion < FIRST_IR_WITH_PURE_INITIALIZERS);
  if (about === undefined) return { graph: proto };
  const { domain, version, doc, graphDoc, valueDocs } = about;
  const described = (value: onnx.IValueInfoProto): onnx.IValueInfoProto => {
    const docString = valueDocs.get(value.name ?? '');
    return docString === undefined ? value : { ...value, docString };
  };
  return {
    domain,
    modelVersion: longOf(version),
    docString: doc,
    graph: {
      ...proto,
      docString: graphDoc,
      input: proto.input?.map(described) ?? null,
      output: proto.output?.map(described) ?? null,
    },
  };
}

function opsetImports(opsets: ReadonlyMap<string, number>): onnx.IOperatorSetIdProto[] {
  return [...opsets].map(([domain, version]) => ({ domain, version }));
}

function graphProto(graph: OnnxGraph, initializersAreInputs: boolean): onnx.IGraphProto {
  const constants = initializersAreInputs ? [...graph.initializers.values()].map(constantInfo) : [];
  return {
    name: graph.name,
    input: [...graph.inputs, ...constants].map(valueInfoProto),
    output: graph.outputs.map(valueInfoProto),
    initializer: [...graph.initializers].map(([name, tensor]) => ({ ...tensorProto(tensor), name })),
    node: graph.nodes.map(nodeProto),
    valueInfo: [...graph.valueInfo.values()].map(valueInfoProto),
  };
}

function constantInfo(tensor: OnnxTensor): OnnxValueInfo {
  return { name: tensor.name, elemType: tensor.elementType, dims: tensor.dims };
}

function valueInfoProto(value: OnnxValueInfo): onnx.IValueInfoProto {
  if (value.elemType === undefined && value.dims === undefined) return { name: value.name };
  const elemType = value.elemType === undefined ? 0 : codeOfElement(value.elemType);
  const shape = value.dims && {
    dim: value.dims.map((dim) =>
      dim === undefined ? {} : typeof dim === 'number' ? { dimValue: dim } : { dimParam: dim.symbol },
    ),
  };
  return { name: value.name, type: { tensorType: { elemType, ...(shape === undefined ? {} : { shape }) } } };
}

function nodeProto(node: OnnxNode): onnx.INodeProto {
  return {
    name: node.name,
    opType: node.opType,
    domain: node.domain,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: [...node.attributes.values()].map(attributeProto),
  };
}

function attributeProto(attribute: OnnxAttribute): onnx.IAttributeProto {
  const { name, kind } = attribute;
  if (kind === 'unsupported')
    throw new RangeError(`attribute "${name}" holds ${attribute.what}, which cannot be written`);
  if (kind === 'ref') {
    return { name, refAttrName: attribute.refAttrName, type: typeNumber(attribute.of) };
  }
  const type = typeNumber(kind);
  switch (kind) {
    case 'int':
      return { name, type, i: longOf(attribute.exact) };
    case 'ints':
      return { name, type, ints: attribute.exact.map(longOf) };
    case 'float':
      return { name, type, f: attribute.value };
    case 'floats':
      return { name, type, floats: [...attribute.value] };
    case 'string':
      return { name, type, s: Buffer.from(attribute.value) };
    case 'strings':
      return { name, type, strings: attribute.value.map((s) => Buffer.from(s)) };
    case 'tensor':
      return { name, type, t: tensorProto(attribute.value) };
    case 'tensors':
      return { name, type, tensors: attribute.value.map(tensorProto) };
    case 'graph':
      return { name, type, g: graphProto(attribute.value, false) };
    case 'graphs':
      return { name, type, graphs: attribute.value.map((g) => graphProto(g, false)) };
  }
}

function longOf(value: bigint): Long {
  return LongValue.fromBits(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
}

function tensorProto(tensor: OnnxTensor): onnx.ITensorProto {
  const head = { name: tensor.name, dims: [...tensor.dims], dataType: codeOfElement(tensor.elementType) };
  if (tensor.elementType === 'string') return { ...head, stringData: tensor.data.map((s) => Buffer.from(s)) };
  return { ...head, rawData: rawBytes(tensor) };
}

function rawBytes(tensor: NumericTensor): Uint8Array {
  const { elementType, data } = tensor;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return littleEndian(data);
  if (elementType === 's4' || elementType === 'u4') return packNibbles(data);
  if (elementType === 'f16') return littleEndian(floatsToHalves(data));
  if (elementType === 'bf16') {
    const words = new Uint32Array(Float32Array.from(data).buffer);
    return littleEndian(Uint16Array.from(words, (word) => word >>> 16));
  }
  return littleEndian(data);
}

function littleEndian(data: NumericTensor['data']): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return hostIsLittleEndian ? bytes : toHostOrder(bytes, data.BYTES_PER_ELEMENT);
}

const hostIsLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function functionProto(f: OnnxFunction): onnx.IFunctionProto {
  return {
    name: f.name,
    domain: f.domain,
    input: [...f.inputs],
    output: [...f.outputs],
    attribute: [...f.attributes],
    node: f.nodes.map(nodeProto),
    opsetImport: opsetImports(f.opsets),
  };
}

/**
 * FunctionProto.attribute_proto is newer than onnx-proto, so functions with defaults are put together by hand: a
 * function's own bytes, then its defaults as field 11, all of it as field 25 of the model.
 */
function withDefaults(model: OnnxModel, message: onnx.IModelProto): Uint8Array {
  const { FunctionProto } = onnxProto.onnx;
  const parts: Uint8Array[] = [ModelProto.encode({ ...message, functions: [] }).finish()];
  for (const f of model.functions) {
    const defaults = [...f.defaults.values()].map((a) => framed(11, AttributeProto.encode(attributeProto(a)).finish()));
    parts.push(framed(25, Buffer.concat([FunctionProto.encode(functionProto(f)).finish(), ...defaults])));
  }
  const all = Buffer.concat(parts);
  return new Uint8Array(all.buffer, all.byteOffset, all.length);
}

function framed(field: number, payload: Uint8Array): Uint8Array {
  return Buffer.concat([varint(field * 8 + 2), varint(payload.length), payload]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}
