/**
 * Nodes of a lowered graph told as the nodes of the model that they come from: what its author knows. Invariant: each of those is
 * told once, however many parts it was lowered to.
 */
import type { AnyNode } from '../ir/graph.js';
import { nodePlace, type OnnxModel } from '../onnx/model.js';

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

/** Reads floats, but multiplies integers. */
function isInteger({ kind, operands }: AnyNode): boolean {
  return kind === 'dynamic-conv' || (kind === 'lstm' && operands.some((v) => v.type.kind === 'quant'));
}

/** Operators by the name of their node; a node without one is known by its first output. */
export function operatorsOf(model: OnnxModel): ReadonlyMap<string, string> {
  return new Map(model.graph.nodes.map((node) => [nodePlace(node).node ?? '', nodePlace(node).operator ?? '']));
}

/** @param operators of the model as its author wrote it; a graph of other nodes is told by its own kinds. */
export function floatModelNodes(
  left: readonly AnyNode[],
  operators: ReadonlyMap<string, string>,
): readonly ModelNode[] {
  const found = new Map<string, string>();
  for (const node of left) {
    if (borders.has(node.kind) || isInteger(node)) continue;
    const name = node.origin.names.map((n) => authored(n, operators)).find((n) => n !== undefined);
    const told = name ?? node.origin.names[0] ?? node.kind;
    if (!found.has(told)) found.set(told, operators.get(told) ?? node.kind);
  }
  return [...found].map(([node, op]) => ({ node, op }));
}

/** A node that was written for another has its name in front of its own: `fc_Reshape`. */
function authored(name: string, operators: ReadonlyMap<string, string>): string | undefined {
  for (let end = name.length; end > 0; end = name.lastIndexOf('_', end - 1))
    if (operators.has(name.slice(0, end))) return name.slice(0, end);
  return undefined;
}

export function countedOperators(nodes: readonly ModelNode[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { op } of nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
  return counts;
}
