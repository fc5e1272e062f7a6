/**
 * Values that need no bytes of their own: a slice that is one run of its operand lies inside it, and what a concatenation
 * joins is computed where it belongs. Invariant: bytes that two values share are written once, by the one that computes them.
 */
import type { Graph, Node, Value } from '../ir/graph.js';
import { byteSize, elementBytes, elements, type Shape, stridesOf } from '../ir/type.js';
import { topologicalOrder } from '../ir/walk.js';

/** Where in the bytes of another value a value lies. */
export interface Inside {
  readonly of: Value;
  readonly offset: number;
}

/**
 * @param rootOf the value whose bytes a view shows.
 * @param outputs roots that live in a buffer of the caller: no kernel may read past it, so nothing that others read lies there.
 */
export function sharedBytes(
  graph: Graph,
  rootOf: (value: Value) => Value,
  outputs: ReadonlySet<Value>,
): ReadonlyMap<Value, Inside> {
  const inside = new Map<Value, Inside>();
  const order = topologicalOrder(graph);
  const readers = new Map<Value, number>();
  for (const node of order) {
    if (node.results.some((r) => rootOf(r) !== r)) continue;
    for (const operand of node.operands) readers.set(rootOf(operand), (readers.get(rootOf(operand)) ?? 0) + 1);
  }
  const isIo = (value: Value): boolean => {
    const known = inside.get(value);
    return known === undefined ? value.kind !== 'result' || outputs.has(value) : isIo(known.of);
  };
  // Consumers first: a concatenation has found its own place when its operands look for theirs.
  for (const node of order.toReversed()) if (node.kind === 'concat') placeOperands(node);
  for (const node of order) {
    if (node.kind !== 'slice') continue;
    const [result] = node.results;
    const of = rootOf(node.operands[0]);
    const offset = runOffset(node);
    if (offset === undefined || inside.has(result) || outputs.has(result) || isIo(of)) continue;
    inside.set(result, { of, offset });
  }
  return inside;

  function placeOperands(node: Node<'concat'>): void {
    const [result] = node.results;
    const { shape } = result.type;
    if (elements(shape.slice(0, node.attrs.axis)) !== 1) return;
    let offset = 0;
    for (const operand of node.operands) {
      const root = rootOf(operand);
      const isFree = root.kind === 'result' && !outputs.has(root) && !inside.has(root);
      const isOnlyHere = (readers.get(root) ?? 0) === 1;
      if (isFree && byteSize(operand.type) > 0 && (isOnlyHere || !isIo(result)))
        inside.set(root, { of: result, offset });
      offset += byteSize(operand.type);
    }
  }
}

/** Byte offset of a slice that is one run of its operand's elements. */
function runOffset({ attrs, operands: [x] }: Node<'slice'>): number | undefined {
  const { starts, steps, sizes } = attrs;
  const { shape } = x.type;
  const first = sizes.findIndex((size) => size !== 1);
  const isWhole = (d: number) => steps[d] === 1 && sizes[d] === shape[d];
  const isRun = first < 0 || (steps[first] === 1 && sizes.every((_, d) => d <= first || isWhole(d)));
  return isRun && elements(sizes) > 0 ? at(starts, shape) * elementBytes[x.type.element] : undefined;
}

function at(index: readonly number[], shape: Shape): number {
  const strides = stridesOf(shape);
  return index.reduce((sum, i, d) => sum + i * strides[d], 0);
}
