/**
 * tabulate-channels: a costly function of an 8-bit tensor that differs between channels becomes a table for each.
 *
 * BEFORE  %1 = dequantize(%0)  %2 = binary(%1, @bias : f32[C]) {fn add}  %3 = unary(%2) {fn erf}  ...  %9 = quantize(%8)
 * AFTER   %9 = lookup-channels(%0, @table : u8[C,256])
 *
 * Exact: the tables are made by the interpreter. GELU and its like in transformers, whose bias is added to what a quantized
 * product gave. Tables take 256 bytes a channel, so the pass is given how many there may be; islands are taken in graph
 * order. Sums and products alone are left to vectors, which are faster than looking up; so are tensors of few rows, for
 * which a table would only be read.
 */
import { constant, make } from '../src/ir/build.js';
import { type AnyNode, mergeOrigins } from '../src/ir/graph.js';
import { isByte, islandOf, rebuildIsland, tableOf } from '../src/ir/island.js';
import type { Pass } from '../src/ir/pass.js';
import { rewriteGraph, rule } from '../src/ir/rewrite.js';
import { elements, withShape } from '../src/ir/type.js';

const ROWS = 16;
const BYTES = 256;

/** Functions that take a vector unit no longer than a sum. */
const cheap: ReadonlySet<string> = new Set(['neg', 'abs', 'sign', 'floor', 'ceil', 'round']);

function isCostly(node: AnyNode): boolean {
  return node.kind === 'unary' ? !cheap.has(node.attrs.fn) : node.kind === 'activation';
}

/** All of the pass but what it is given. */
export const description = {
  name: 'tabulate-channels',
  doc: 'A costly function of an 8-bit tensor that differs between channels becomes a table for each of them.',
  requires: [],
  establishes: [],
  drops: [],
  numerics: 'exact',
} as const;

/** @param bytes that all tables together may take. */
export function tabulateChannels(bytes: number): Pass {
  return {
    ...description,
    run(graph, cx) {
      let left = bytes;
      const table = rule('island', 'quantize', (node) => {
        const [value] = node.operands;
        const [y] = node.results;
        const island = islandOf(value);
        if (island === undefined || !isByte(y) || !island.nodes.some(isCostly)) return undefined;
        const { source, channels, nodes } = island;
        const size = BYTES * channels;
        if (channels === 1 || size > left || elements(source.type.shape) < ROWS * channels) return undefined;
        left -= size;
        const entries = tableOf(source.type, y.type, channels, (x) =>
          make('quantize', {}, [rebuildIsland(island, value, x)], withShape(y.type, x.type.shape), node.origin),
        );
        const origin = mergeOrigins(...nodes.filter((n) => n.kind !== 'dequantize').map((n) => n.origin));
        const name = `${node.origin.names[0] ?? node.kind}.tables`;
        return make('lookup-channels', { swaps: false }, [source, constant(name, entries)], y.type, origin);
      });
      return rewriteGraph(graph, [table], cx.hit);
    },
  };
}
