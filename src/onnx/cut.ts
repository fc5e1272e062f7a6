/**
 * A model cut at its quantizers: where floats are rounded to few bits, two programs whose floats differ in the last bit part
 * by a whole step, and every layer behind multiplies it. Invariant: the cut model computes between two quantizers what the
 * model does; it only reads at each quantizer an input of its own in place of what was computed. Pure.
 */
import type { OnnxElement, OnnxModel, OnnxNode, OnnxValueInfo } from './model.js';

/** A value that a quantizer rounds, or has rounded. */
export interface CutValue {
  readonly name: string;
  /** The node whose answer is rounded. */
  readonly origin: string;
}

/** What such a value was in a run. */
export interface GivenValue extends CutValue {
  readonly element: OnnxElement;
  readonly dims: readonly number[];
}

const rounds: ReadonlySet<string> = new Set(['QuantizeLinear', 'com.microsoft.QuantizeLinear']);
/** Whose first operand is rounded with a scale of that run: what is cut is the float operand. */
const roundsAtRun: ReadonlySet<string> = new Set([
  'DynamicQuantizeLinear',
  'com.microsoft.DynamicQuantizeMatMul',
  'com.microsoft.DynamicQuantizeLSTM',
]);

/** In the order of the model's nodes. Quantized constants are no such values: they come from the file. */
export function cutValues({ graph }: OnnxModel): readonly CutValue[] {
  const makers = new Map<string, OnnxNode>();
  const varying = new Set(graph.inputs.map((input) => input.name));
  const found = new Map<string, CutValue>();
  for (const node of graph.nodes) {
    if (!node.inputs.some((name) => varying.has(name))) continue;
    for (const name of node.outputs) {
      varying.add(name);
      makers.set(name, node);
    }
    const operator = node.domain === '' ? node.opType : `${node.domain}.${node.opType}`;
    const [x = ''] = node.inputs;
    const maker = makers.get(x);
    const origin = nameOf(maker ?? node);
    const name = rounds.has(operator)
      ? node.outputs[0]
      : roundsAtRun.has(operator) && maker !== undefined
        ? x
        : undefined;
    if (name !== undefined) found.set(name, { name, origin });
  }
  return [...found.values()];
}

/** The model with these values among its outputs. */
export function withOutputs(model: OnnxModel, values: readonly CutValue[]): OnnxModel {
  const { graph } = model;
  const given = new Set(graph.outputs.map((output) => output.name));
  const more = values
    .filter(({ name }) => !given.has(name))
    .map(({ name }): OnnxValueInfo => ({ name, elemType: undefined, dims: undefined }));
  return { ...model, graph: { ...graph, outputs: [...graph.outputs, ...more] } };
}

export interface CutModel {
  readonly model: OnnxModel;
  /** Names of the inputs that stand for the values, in the order of the values. */
  readonly inputs: readonly string[];
}

export function cutAt(model: OnnxModel, values: readonly GivenValue[]): CutModel {
  const { graph } = withOutputs(model, values);
  const taken = new Set([...graph.inputs.map((i) => i.name), ...graph.nodes.flatMap((n) => n.outputs)]);
  const renamed = new Map<string, string>();
  for (const { name } of values) {
    let free = `${name}/given`;
    while (taken.has(free) || graph.initializers.has(free)) free += '_';
    taken.add(free);
    renamed.set(name, free);
  }
  const nodes = graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map((name) => renamed.get(name) ?? name) }));
  const inputs = [...renamed.values()];
  const added = inputs.map((name, i): OnnxValueInfo => ({ name, elemType: values[i].element, dims: values[i].dims }));
  return { model: { ...model, graph: { ...graph, inputs: [...graph.inputs, ...added], nodes } }, inputs };
}

function nameOf(node: OnnxNode): string {
  return node.name === '' ? (node.outputs.find((output) => output !== '') ?? '') : node.name;
}
