/**
 * Nodes of a lowered graph told as the nodes of the model that they come from: what its author knows. Invariant: each of those is
 * told once, however many parts it was lowered to.
 */
import { floatNodes } from '../ir/float-ops.js';
import type { AnyNode, Graph } from '../ir/graph.js';
import { topologicalOrder } from '../ir/walk.js';
import { nodePlace, type OnnxModel, type OnnxNode } from '../onnx/model.js';

export interface ModelNode {
  readonly node: string;
  /** The model's operator. */
  readonly op: string;
}

/** Between floats and integers, or views of other bytes: no operation of the model. */
const borders: ReadonlySet<string> = new Set([
  'quantize',
  'quantize-transposed',
  'dequantize',
  'dequantize-transposed',
  'dynamic-quantize',
  'reshape',
  'reinterpret',
]);
const products: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);

/** Reads floats, but multiplies integers. */
function multipliesIntegers({ kind, operands }: AnyNode): boolean {
  return kind === 'dynamic-conv' || (kind === 'lstm' && operands.some((v) => v.type.kind === 'quant'));
}

/**
 * By the name of a node, what is told of it: its operator; of a bias or a normalization that is folded into a product, the
 * product. A node without a name is known by its first output.
 */
export function modelNodes({ graph }: OnnxModel): ReadonlyMap<string, ModelNode> {
  const found = new Map<string, ModelNode>();
  const makers = new Map<string, ModelNode>();
  const isFolded = ({ opType, inputs }: OnnxNode): boolean =>
    opType === 'BatchNormalization' || (opType === 'Add' && inputs.some((input) => graph.initializers.has(input)));
  for (const node of graph.nodes) {
    const { node: name = '', operator: op = '' } = nodePlace(node);
    const product = isFolded(node) ? node.inputs.map((i) => makers.get(i)).find((m) => m !== undefined) : undefined;
    const told = product ?? { node: name, op };
    found.set(name, told);
    if (products.has(op)) for (const output of node.outputs) makers.set(output, told);
  }
  return found;
}

/**
 * What computes on floats. A product of integers is none of it, though its bias may be added in float.
 * @param known of the model as its author wrote it; a graph of other nodes is told by its own kinds.
 */
export function floatModelNodes(graph: Graph, known: ReadonlyMap<string, ModelNode>): readonly ModelNode[] {
  const floats = new Set(floatNodes(graph).filter((node) => !multipliesIntegers(node)));
  const found = new Map<string, ModelNode>();
  const integers = new Set<string>();
  for (const node of topologicalOrder(graph)) {
    if (borders.has(node.kind)) continue;
    const told = authored(node, known);
    if (floats.has(node)) found.set(told.node, told);
    else if (node.operands.some((v) => v.type.kind === 'quant')) integers.add(told.node);
  }
  return [...found.values()].filter(({ node }) => !integers.has(node));
}

/** A node that was written for another has its name in front of its own: `fc_Reshape`. */
function authored({ origin: { names }, kind }: AnyNode, known: ReadonlyMap<string, ModelNode>): ModelNode {
  for (const name of names)
    for (let end = name.length; end > 0; end = name.lastIndexOf('_', end - 1)) {
      const found = known.get(name.slice(0, end));
      if (found !== undefined) return found;
    }
  return { node: names[0] ?? kind, op: kind };
}

export function countedOperators(nodes: readonly ModelNode[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { op } of nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
  return counts;
}
