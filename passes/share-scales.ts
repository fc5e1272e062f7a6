/**
 * share-scales: ops that only select or move values work at the scale of their result, so that the table that changes
 * the scale (or any table) stands right behind the convolution whose epilogue can hold it.
 *
 * BEFORE  %1 = conv2d(...)  %2 = max-pool(%1)  %3 = reshape(%2)  %4 = lookup(%3, @table)
 * AFTER   %1 = conv2d(...)  %2 = lookup(%1, @table)  %3 = max-pool(%2)  %4 = reshape(%3)
 *
 * Exact: a table acts on each value alone; it commutes with a maximum where it never decreases. Only where every value on
 * the way has one reader: otherwise the table would be applied to more values than before.
 */
import { anyNode, make, makeNode } from '../src/ir/build.js';
import type { AnyNode, Const, Value } from '../src/ir/graph.js';
import { definePass } from '../src/ir/pass.js';
import { type Rewriter, rewriteGraph, rule } from '../src/ir/rewrite.js';
import { elementRange, numberData, withShape } from '../src/ir/type.js';

/** True if the table never decreases over the stored values of `element`. */
function isMonotone(table: Const, element: 's8' | 'u8'): boolean {
  const data = numberData(table.tensor);
  const [low, high] = elementRange[element];
  for (let v = low; v < high; v++) if (data[v & 255] > data[(v + 1) & 255]) return false;
  return true;
}

/** The op that moves `value`'s elements, if a table may change places with it. */
function mover(value: Value, table: Const, rw: Rewriter): AnyNode | undefined {
  if (value.kind !== 'result' || !rw.isOnlyUse(value)) return undefined;
  const { node } = value;
  if (node.kind === 'transpose' || node.kind === 'reshape') return node;
  const { element } = node.operands[0]?.type ?? value.type;
  if (node.kind !== 'max-pool' || (element !== 's8' && element !== 'u8')) return undefined;
  return isMonotone(table, element) ? node : undefined;
}

/** True if moving on from `value` ends at a convolution that nothing else reads. */
function endsAtConvolution(value: Value, table: Const, rw: Rewriter): boolean {
  let at = value;
  for (;;) {
    if (at.kind !== 'result' || !rw.isOnlyUse(at)) return false;
    if (at.node.kind === 'conv2d') return true;
    const node = mover(at, table, rw);
    if (node === undefined) return false;
    at = node.operands[0];
  }
}

const rules = [
  rule('table before a move', 'lookup', (node, rw) => {
    const [x, table] = node.operands;
    const y = node.results[0].type;
    if (table.kind !== 'const') return undefined;
    const move = mover(x, table, rw);
    if (move === undefined || !endsAtConvolution(move.operands[0], table, rw)) return undefined;
    const [source] = move.operands;
    const mapped = make('lookup', {}, [source, table], withShape(y, source.type.shape), node.origin);
    return anyNode(makeNode(move.kind, move.attrs, [mapped], [y], move.origin)).results[0];
  }),
];

export const shareScales = definePass({
  name: 'share-scales',
  doc: 'Moves and max-pools work at the scale of their result: the table in between goes into the convolution before them.',
  requires: [],
  establishes: [],
  drops: [],
  numerics: 'exact',
  run: (graph, cx) => rewriteGraph(graph, rules, cx.hit),
});
