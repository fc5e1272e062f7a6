/**
 * fold-constants: a node whose operands are all constants becomes its value.
 *
 * BEFORE  %0 = binary(@a, @b) {fn add}
 * AFTER   @0 = ...
 *
 * Never a dequantize of a constant: that would turn int8 weights into floats.
 */
import { constant } from '../src/ir/build.js';
import { definePass } from '../src/ir/pass.js';
import { mapGraph } from '../src/ir/rewrite.js';
import { opDef } from '../src/ops/index.js';

export const foldConstants = definePass({
  name: 'fold-constants',
  doc: 'Computes at compile time what depends on constants only (but never dequantizes weights).',
  requires: [],
  establishes: [],
  drops: [],
  numerics: 'exact',
  run(graph, cx) {
    let changed = false;
    const next = mapGraph(graph, (node) => {
      if (node.kind === 'dequantize' || node.operands.length === 0) return node.results;
      const tensors = node.operands.flatMap((v) => (v.kind === 'const' ? [v.tensor] : []));
      if (tensors.length !== node.operands.length) return node.results;
      changed = true;
      cx.hit(node.kind);
      const types = node.results.map((r) => r.type);
      const name = node.origin.names[0] ?? node.kind;
      return opDef(node.kind)
        .evaluate({ ...node.attrs }, tensors, types)
        .map((tensor) => constant(name, tensor));
    });
    return changed ? next : graph;
  },
});
