/**
 * merge-common: equal nodes on equal operands become one.
 *
 * BEFORE  %1 = dequantize(%0)  %2 = dequantize(%0)
 * AFTER   %1 = dequantize(%0), used twice
 */
import type { AnyNode, Value } from '../src/ir/graph.js';
import { definePass } from '../src/ir/pass.js';
import { typeText } from '../src/ir/print.js';
import { mapGraph } from '../src/ir/rewrite.js';

export const mergeCommon = definePass({
  name: 'merge-common',
  doc: 'Equal ops on equal operands become one.',
  requires: [],
  establishes: [],
  drops: [],
  numerics: 'exact',
  run(graph, cx) {
    const ids = new Map<Value, number>();
    const idOf = (value: Value) => {
      const id = ids.get(value) ?? ids.size;
      ids.set(value, id);
      return id;
    };
    const seen = new Map<string, AnyNode>();
    let changed = false;
    const next = mapGraph(graph, (node) => {
      const types = node.results.map((r) => typeText(r.type)).join(';');
      const key = `${node.kind} ${node.operands.map(idOf).join(',')} ${JSON.stringify(node.attrs)} ${types}`;
      const first = seen.get(key);
      if (first === undefined) {
        seen.set(key, node);
        return node.results;
      }
      changed = true;
      cx.hit(node.kind);
      return first.results;
    });
    return changed ? next : graph;
  },
});
