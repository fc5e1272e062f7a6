/**
 * materialize-constants: what still depends on constants only becomes a constant, dequantized weights included.
 *
 * BEFORE  %1 = dequantize(@w) : f32[...]   %2 = conv2d(%x, %1)      x is float: no integer form was possible
 * AFTER   %2 = conv2d(%x, @w')
 *
 * Runs when every integer form has had its chance, so no int8 weight that a kernel could use turns into floats.
 */
import { constant } from '../src/ir/build.js';
import { definePass } from '../src/ir/pass.js';
import { mapGraph } from '../src/ir/rewrite.js';
import { opDef } from '../src/ops/index.js';

export const materializeConstants = definePass({
  name: 'materialize-constants',
  doc: 'Computes what still depends on constants only, dequantized weights of float ops included.',
  requires: [],
  establishes: ['no-const-compute'],
  drops: [],
  numerics: 'exact',
  run(graph, cx) {
    let changed = false;
    const next = mapGraph(graph, (node) => {
      const tensors = node.operands.flatMap((v) => (v.kind === 'const' ? [v.tensor] : []));
      if (node.operands.length === 0 || tensors.length !== node.operands.length) return node.results;
      changed = true;
      cx.hit(node.kind);
      const types = node.results.map((r) => r.type);
      return opDef(node.kind)
        .evaluate({ ...node.attrs }, tensors, types)
        .map((tensor) => constant(node.origin.names[0] ?? node.kind, tensor));
    });
    return changed ? next : graph;
  },
});
