/**
 * Twins of a QDQ model whose activations are u8, for benchmarks that a model repository does not hold: the same network with
 * s8 activations (what TFLite's and TensorRT's tools write), and the float network with the weights' dequantized values.
 */
import { decodeModel } from '../../src/onnx/decode.js';
import { encodeModel } from '../../src/onnx/encode.js';
import type { NumericTensor, OnnxGraph, OnnxNode, OnnxTensor } from '../../src/onnx/model.js';

/** Every u8 zero point 128 lower, as s8. Throws for a file with u8 weights: those are not activations' types. */
export function signedTwin(file: Uint8Array): Uint8Array {
  return rewrite(file, (graph) => ({ ...graph, initializers: mapValues(graph.initializers, asSigned) }));
}

function asSigned(tensor: OnnxTensor): OnnxTensor {
  if (tensor.elementType !== 'u8') return tensor;
  const values = asNumbers(tensor);
  if (values.length !== 1) throw new Error(`${tensor.name} holds u8 weights`);
  return { ...tensor, elementType: 's8', data: Int8Array.of(values[0] - 128) };
}

/** No QuantizeLinear or DequantizeLinear: activations are not rounded, weights and biases are what the file's integers stand for. */
export function floatTwin(file: Uint8Array): Uint8Array {
  return rewrite(file, (graph) => {
    const initializers = new Map(graph.initializers);
    const source = new Map<string, string>();
    const origin = (name: string): string => source.get(name) ?? name;
    const nodes: OnnxNode[] = [];
    for (const node of graph.nodes) {
      const stored = initializers.get(node.inputs[0]);
      if (node.opType === 'DequantizeLinear' && stored !== undefined) {
        initializers.set(node.outputs[0], dequantized(node, stored, initializers));
      } else if (node.opType === 'QuantizeLinear' || node.opType === 'DequantizeLinear') {
        source.set(node.outputs[0], origin(node.inputs[0]));
      } else nodes.push({ ...node, inputs: node.inputs.map(origin) });
    }
    const results = new Map(graph.outputs.map((output) => [origin(output.name), output.name]));
    const result = (name: string): string => results.get(name) ?? name;
    const renamed = nodes.map((n) => ({ ...n, inputs: n.inputs.map(result), outputs: n.outputs.map(result) }));
    const read = new Set(renamed.flatMap((node) => node.inputs));
    return {
      ...graph,
      nodes: renamed,
      initializers: new Map([...initializers].filter(([name]) => read.has(name))),
    };
  });
}

/** By the operator's definition (ONNX, DequantizeLinear): `(q - zero point) * scale`, per tensor or along `axis`. */
function dequantized(node: OnnxNode, stored: OnnxTensor, constants: ReadonlyMap<string, OnnxTensor>): NumericTensor {
  const parameter = (index: number): number[] => {
    const tensor = constants.get(node.inputs[index] ?? '');
    return tensor === undefined ? [0] : asNumbers(tensor);
  };
  const scales = parameter(1);
  const zeroPoints = parameter(2);
  const given = node.attributes.get('axis');
  const axis = given?.kind === 'int' ? given.value : 1;
  const inner = scales.length === 1 ? 1 : stored.dims.slice(axis + 1).reduce((a, b) => a * b, 1);
  const data = Float32Array.from(asNumbers(stored), (q, i) => {
    const channel = Math.floor(i / inner) % scales.length;
    return (q - zeroPoints[channel % zeroPoints.length]) * scales[channel];
  });
  return { name: node.outputs[0], dims: stored.dims, elementType: 'f32', data };
}

function asNumbers(tensor: OnnxTensor): number[] {
  return Array.from<number | bigint | string, number>(tensor.data, Number);
}

/** What the file says about inner values would be about the old types, so it is dropped. */
function rewrite(file: Uint8Array, change: (graph: OnnxGraph) => OnnxGraph): Uint8Array {
  const { model } = decodeModel(file);
  return encodeModel({ ...model, graph: { ...change(model.graph), valueInfo: new Map() } });
}

function mapValues<K, V>(map: ReadonlyMap<K, V>, change: (value: V) => V): Map<K, V> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}
