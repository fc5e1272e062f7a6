/**
 * Walks over a graph. Invariant: the order is a function of the graph alone (depth first from the outputs, operands
 * in order), so every pass and every print sees the same one.
 */
import type { AnyNode, Graph, Node, OpKind, Value } from './graph.js';

/** Nodes in an order where producers come before consumers. Iterative: deep graphs must not overflow the stack. */
export function topologicalOrder(graph: Graph): AnyNode[] {
  const order: AnyNode[] = [];
  const done = new Set<AnyNode>();
  for (const output of graph.outputs) {
    if (output.value.kind !== 'result') continue;
    const stack: { node: AnyNode; next: number }[] = [{ node: output.value.node, next: 0 }];
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (done.has(top.node)) {
        stack.pop();
        continue;
      }
      const operand = top.node.operands[top.next++];
      if (operand === undefined) {
        done.add(top.node);
        order.push(top.node);
        stack.pop();
      } else if (operand.kind === 'result' && !done.has(operand.node)) stack.push({ node: operand.node, next: 0 });
    }
  }
  return order;
}

/** How often each value is read: by node operands and by graph outputs. */
export function useCounts(graph: Graph): Map<Value, number> {
  const counts = new Map<Value, number>();
  const count = (value: Value) => counts.set(value, (counts.get(value) ?? 0) + 1);
  for (const node of topologicalOrder(graph)) for (const operand of node.operands) count(operand);
  for (const output of graph.outputs) count(output.value);
  return counts;
}

/** The nodes that read each value, in topological order, once per operand slot. */
export function users(graph: Graph): Map<Value, AnyNode[]> {
  const map = new Map<Value, AnyNode[]>();
  for (const node of topologicalOrder(graph))
    for (const operand of node.operands) {
      const list = map.get(operand);
      if (list) list.push(node);
      else map.set(operand, [node]);
    }
  return map;
}

/** The node that makes `value`, if it is of this kind. */
export function producer<K extends OpKind>(value: Value | undefined, kind: K): Node<K> | undefined {
  if (value?.kind !== 'result' || value.node.kind !== kind) return undefined;
  return value.node as unknown as Node<K>;
}
