/** Shrinking: the answer still fails, and nothing of it can be left out. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { importSource } from '../../src/compiler.js';
import type { Graph } from '../../src/ir/graph.js';
import { parseGraph } from '../../src/ir/parse.js';
import { printGraph } from '../../src/ir/print.js';
import { shrinkGraph } from '../../src/ir/shrink.js';
import { topologicalOrder } from '../../src/ir/walk.js';

const fashion = importSource(
  {
    model: readFileSync(new URL('../../examples/fashion-classifier/fashion.onnx', import.meta.url)),
    fileName: 'f.onnx',
  },
  {},
).graph;

const kinds = (graph: Graph) => topologicalOrder(graph).map((n) => n.kind);

test('what one node does is shown by that node alone', async () => {
  let asked = 0;
  const small = await shrinkGraph(fashion, async (graph) => {
    asked++;
    assert.deepEqual(parseGraph(printGraph(graph)).outputs.length, graph.outputs.length, 'it is well formed');
    return kinds(graph).includes('average-pool');
  });
  assert.deepEqual(kinds(small), ['average-pool']);
  assert.equal(small.inputs.length, 1);
  assert.ok(asked < 4 * topologicalOrder(fashion).length, `${asked} graphs were asked about`);
});

test('nodes that are needed together stay together', async () => {
  const graph = parseGraph(`graph "g" (%in0 "x": f32[4]) {
  %0 = unary(%in0) {fn exp}: f32[4]
  %1 = unary(%0) {fn neg}: f32[4]
  %2 = unary(%1) {fn abs}: f32[4]
  %3 = unary(%0) {fn sqrt}: f32[4]
  %4 = binary(%2, %3) {fn add}: f32[4]
  %5 = unary(%4) {fn tanh}: f32[4]
  return %5 as "y", %1 as "z"
}
`);
  const needs = (g: Graph) => {
    const functions = new Set<string>(topologicalOrder(g).flatMap((n) => (n.kind === 'unary' ? [n.attrs.fn] : [])));
    return functions.has('abs') && functions.has('sqrt');
  };
  const small = await shrinkGraph(graph, async (g) => needs(g));
  assert.ok(needs(small));
  assert.equal(topologicalOrder(small).length, 3, printGraph(small));
  assert.equal(small.outputs.length, 1);
});

test('a graph of which everything is needed stays as it is', async () => {
  const graph = parseGraph(`graph "g" (%in0 "x": f32[4]) {
  %0 = unary(%in0) {fn exp}: f32[4]
  return %0 as "y"
}
`);
  const small = await shrinkGraph(graph, async (g) => topologicalOrder(g).length > 0);
  assert.equal(topologicalOrder(small).length, 1);
});
