/**
 * Each pass on a graph of its own: `<pass>.qir` holds the input, a line `// expect`, and what the pass makes of it.
 * `UPDATE_GOLDEN=1` writes the second half, for a person to read. Besides, the meaning is kept.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { lowerModel } from '../../src/compiler.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { parseGraph, seededTensor } from '../../src/ir/parse.js';
import { runPasses } from '../../src/ir/pass.js';
import { printGraph } from '../../src/ir/print.js';
import { graphPasses } from '../../src/pipeline.js';
import { randomModel } from '../fuzz/random-models.js';
import { convModel, denseModel, floatModel } from '../onnx/tiny-models.js';

const folder = new URL('./', import.meta.url);
const EXPECT = '// expect\n';

for (const { name, numerics } of new Map(graphPasses.map((pass) => [pass.name, pass])).values())
  test(`${name} makes of its graph what ${name}.qir says`, () => {
    const file = new URL(`${name}.qir`, folder);
    const [before, after] = readFileSync(file, 'utf8').split(EXPECT);
    const graph = parseGraph(before);
    const pass = graphPasses.find((p) => p.name === name);
    assert.ok(pass !== undefined);
    const run = runPasses(graph, [{ ...pass, requires: [] }], { rounding: 'onnx' });
    assert.ok(run.reports[0].changed, 'the graph gives the pass nothing to do');
    const printed = printGraph(run.graph);
    if (process.env.UPDATE_GOLDEN !== undefined) writeFileSync(file, `${before}${EXPECT}${printed}`);
    else assert.equal(printed, after);
    if (numerics !== 'exact') return;
    const inputs = new Map(graph.inputs.map((p, i) => [p.name, seededTensor(p.type, i + 1)]));
    const got = evaluateGraph(run.graph, inputs);
    for (const [output, tensor] of evaluateGraph(graph, inputs))
      assert.deepEqual(got.get(output)?.data, tensor.data, `output "${output}" has another meaning`);
  });

test('every .qir file here belongs to a pass', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.qir'));
  assert.deepEqual(names.sort(), [...new Set(graphPasses.map((p) => `${p.name}.qir`))].sort());
});

test('every dump reads back as the same graph', () => {
  const seeded = Array.from({ length: 30 }, (_, i) => randomModel(i + 1));
  const fashion = readFileSync(new URL('../../examples/fashion-classifier/fashion.onnx', folder));
  for (const model of [convModel(), denseModel(), floatModel(), fashion, ...seeded])
    lowerModel(
      { model, fileName: 'm.onnx' },
      {
        onPass: (_, pass, graph) => {
          const text = printGraph(graph);
          assert.equal(printGraph(parseGraph(text)), text, pass);
        },
      },
    );
});
