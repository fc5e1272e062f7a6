/**
 * Layers that ONNX Runtime computes in float32 and qcc in integers: it has no integer kernels of 16 bits. A sum near a tie may
 * then be rounded to the next step there; everywhere else the two agree bit for bit (decisions 0003, 0051, 0053).
 */
import type { AnyNode, Graph } from '../ir/graph.js';
import type { TensorType } from '../ir/type.js';
import { topologicalOrder } from '../ir/walk.js';

/** Ops with arithmetic of their own; moves, maxima and changes of scale are the same in both. */
const computing: ReadonlySet<string> = new Set(['conv2d-requant', 'add', 'mul', 'average-pool']);

export function floatLayers(graph: Graph): readonly AnyNode[] {
  return topologicalOrder(graph).filter(
    (node) =>
      computing.has(node.kind) &&
      [...node.operands.map((v) => v.type), ...node.results.map((r) => r.type)].some(isWide),
  );
}

function isWide(type: TensorType): boolean {
  return type.kind === 'quant' && (type.element === 's16' || type.element === 'u16');
}

/** Steps by which an output of a graph may differ from ONNX Runtime unless the user says otherwise. */
export function toleratedSteps(layers: readonly AnyNode[]): number {
  return layers.length === 0 ? 0 : 1;
}

/** Why outputs may differ, naming the first layers; undefined where there is no reason. */
export function floatLayersText(layers: readonly AnyNode[]): string | undefined {
  if (layers.length === 0) return undefined;
  const named = layers.slice(0, 3).map((node) => `"${node.origin.names[0] ?? node.kind}"`);
  const more = layers.length > 3 ? ` and ${layers.length - 3} more` : '';
  const [count, noun] = layers.length === 1 ? ['one', 'layer'] : [String(layers.length), 'layers'];
  return `ONNX Runtime computes ${count} int16 ${noun} (${named.join(', ')}${more}) in float32, qcc in integers`;
}
