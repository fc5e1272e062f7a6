/**
 * Passes on textual IR: `<pass>/<case>.qir` holds a graph, a line `---`, and the graph the pass makes of it (names and
 * origins are not compared). The interpreter says that the meaning is kept: bit for bit where the pass claims to be exact,
 * else within what another order of float operations explains.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import type { Graph } from '../../src/ir/graph.js';
import { parseGraph, seededTensor } from '../../src/ir/parse.js';
import { runPasses } from '../../src/ir/pass.js';
import { printGraph } from '../../src/ir/print.js';
import type { Tensor } from '../../src/ir/type.js';
import { graphPasses } from '../../src/pipeline.js';

/** Relative to the largest value of the tensor. */
const REASSOCIATED = 1e-5;

const folders = readdirSync(new URL('.', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .toSorted();

function withoutNames(graph: Graph): string {
  return printGraph({ ...graph, name: 'g' }).replace(/ +\/\/ .*$/gm, '');
}

function outputs(graph: Graph, seed: number): Map<string, Tensor> {
  return evaluateGraph(graph, new Map(graph.inputs.map((p, i) => [p.name, seededTensor(p.type, seed + i)])));
}

function assertNear(got: Tensor, want: Tensor): void {
  const largest = Math.max(...Array.from<number | bigint, number>(want.data, (v) => Math.abs(Number(v))));
  for (let i = 0; i < want.data.length; i++) {
    const [a, b] = [Number(got.data[i]), Number(want.data[i])];
    assert.ok(Math.abs(a - b) <= REASSOCIATED * largest, `element ${i} is ${a}, was ${b}`);
  }
}

for (const name of folders) {
  const pass = graphPasses.find((p) => p.name === name);
  for (const file of readdirSync(new URL(`${name}/`, import.meta.url)).toSorted())
    test(`${name}: ${file.replace(/\.qir$/, '').replaceAll('-', ' ')}`, () => {
      assert.ok(pass !== undefined, `no pass ${name}`);
      const [before, expected] = readFileSync(new URL(`${name}/${file}`, import.meta.url), 'utf8').split('\n---\n');
      const graph = parseGraph(before);
      const run = runPasses(graph, [{ ...pass, requires: [] }], { rounding: 'onnx' });
      assert.equal(withoutNames(run.graph), withoutNames(parseGraph(expected)));
      for (const seed of [1, 20, 300]) {
        const want = outputs(graph, seed);
        for (const [output, got] of outputs(run.graph, seed)) {
          const was = want.get(output);
          assert.ok(was !== undefined);
          if (pass.numerics === 'exact') assert.deepEqual(got.data, was.data);
          else assertNear(got, was);
        }
      }
    });
}
