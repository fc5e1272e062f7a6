/** What an integer-only build may not hold. */
import type { AnyNode, Graph, Value } from './graph.js';
import { topologicalOrder, users } from './walk.js';

/**
 * Nodes that compute on floats, in order: they read some. The quantize of an input and the scaling of an output are the
 * border, where floats are what the caller gives and takes; moves of floats there are too.
 */
export function floatNodes(graph: Graph): readonly AnyNode[] {
  const readers = users(graph);
  const atInput = (value: Value): boolean =>
    value.kind === 'param' || (value.kind === 'result' && isMove(value.node) && atInput(value.node.operands[0]));
  const atOutput = (value: Value): boolean =>
    (readers.get(value) ?? []).every((n) => isMove(n) && n.results.every(atOutput));
  return topologicalOrder(graph).filter((node) => {
    const isBorder =
      node.kind === 'quantize' || node.kind === 'quantize-transposed'
        ? atInput(node.operands[0])
        : isMove(node) && (atInput(node.operands[0]) || node.results.every(atOutput));
    return !isBorder && node.operands.some((v) => v.type.kind === 'float' && v.kind !== 'const');
  });
}

function isMove(node: AnyNode): boolean {
  return node.kind === 'reshape' || node.kind === 'transpose';
}
