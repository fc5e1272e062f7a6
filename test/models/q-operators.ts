/**
 * Rewrites DequantizeLinear -> operator -> QuantizeLinear into the operators on integers that ONNX Runtime's exact mode
 * makes of such groups. It leaves some of them in float (six of the nine convolutions of ResNet8), and is then no oracle.
 */
import { decodeModel } from '../../src/onnx/decode.js';
import { encodeModel } from '../../src/onnx/encode.js';
import type { OnnxAttribute, OnnxNode } from '../../src/onnx/model.js';

type Inputs = readonly string[];
interface Form {
  readonly opType: string;
  readonly domain: string;
  /** From scale and zero point of the output, and value, scale and zero point of each input. */
  readonly inputs: (y: Inputs, ...x: readonly Inputs[]) => Inputs;
  /** Attributes it has no use for. */
  readonly drops?: readonly string[];
  readonly adds?: OnnxAttribute;
}
const microsoft = 'com.microsoft';
const forms: Readonly<Record<string, Form>> = {
  Conv: { opType: 'QLinearConv', domain: '', inputs: (y, x, w, b) => [...x, ...w, ...y, ...(b ?? []).slice(0, 1)] },
  Add: { opType: 'QLinearAdd', domain: microsoft, inputs: (y, a, b) => [...a, ...b, ...y] },
  AveragePool: { opType: 'QLinearAveragePool', domain: microsoft, inputs: (y, x) => [...x, ...y] },
  Gemm: {
    opType: 'QGemm',
    domain: microsoft,
    inputs: (y, a, b, c) => [...a, ...b, c[0], ...y],
    drops: ['beta'],
  },
  Softmax: {
    opType: 'QLinearSoftmax',
    domain: microsoft,
    inputs: (y, x) => [...x, ...y],
    adds: { kind: 'int', name: 'opset', value: 13, exact: 13n },
  },
};

export function withQOperators(bytes: Uint8Array): Uint8Array {
  const { model } = decodeModel(bytes);
  const { nodes } = model.graph;
  const producer = new Map(nodes.flatMap((n) => n.outputs.map((o) => [o, n] as const)));
  const source = (name: string): readonly string[] | undefined => {
    const node = producer.get(name);
    return node?.opType === 'DequantizeLinear' ? node.inputs : undefined;
  };
  const replaced = new Map<OnnxNode, OnnxNode | undefined>();
  for (const node of nodes) {
    const form = Object.hasOwn(forms, node.opType) ? forms[node.opType] : undefined;
    const [reader, ...more] = nodes.filter((n) => n.inputs.includes(node.outputs[0]));
    const sources = node.inputs.flatMap((name) => [source(name) ?? []]);
    if (form === undefined || reader?.opType !== 'QuantizeLinear' || more.length > 0) continue;
    if (sources.some((s) => s.length === 0)) continue;
    const kept = [...node.attributes].filter(([name]) => form.drops?.includes(name) !== true);
    replaced.set(node, undefined);
    replaced.set(reader, {
      name: node.name,
      opType: form.opType,
      domain: form.domain,
      inputs: form.inputs(reader.inputs.slice(1), ...sources),
      outputs: reader.outputs,
      attributes: new Map([...kept, ...(form.adds === undefined ? [] : [[form.adds.name, form.adds] as const])]),
    });
  }
  const rewritten = nodes.flatMap((n) => (replaced.has(n) ? (replaced.get(n) ?? []) : [n]));
  const read = new Set([...rewritten.flatMap((n) => n.inputs), ...model.graph.outputs.map((o) => o.name)]);
  return encodeModel({
    ...model,
    opsets: new Map([...model.opsets, [microsoft, 1]]),
    graph: {
      ...model.graph,
      nodes: rewritten.filter((n) => n.outputs.some((o) => read.has(o))),
      valueInfo: new Map(),
    },
  });
}
