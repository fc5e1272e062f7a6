/**
 * Every op's samples written as ONNX, and read again: the model computes the same bits. Ops without an export.ts are
 * refused by name.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import test from 'node:test';
import { canonicalize } from '../../passes/canonicalize.js';
import { QccError } from '../../src/diagnostics/diagnostic.js';
import { param } from '../../src/ir/build.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import type { Graph } from '../../src/ir/graph.js';
import { runPasses } from '../../src/ir/pass.js';
import { printGraph } from '../../src/ir/print.js';
import { numbers, type Tensor } from '../../src/ir/type.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { exportModel } from '../../src/onnx/export.js';
import { importModel } from '../../src/onnx/import.js';
import type { OnnxModel } from '../../src/onnx/model.js';
import { model, node, tensor, value } from '../onnx/model-builder.js';
import { allSamples, randomFrom, randomTensor } from './sample-cases.js';

/**
 * Samples of resize-linear have tables of their own, which no mode of Resize makes; those that one does are below. A cell is
 * written with the product before it, which samples lack: test/quantizer/recurrent.test.ts.
 */
const notBySamples = new Set(['resize-linear', 'lstm', 'gru', 'rnn']);

/** Ops without one are forms that the passes make behind the quantizer, and TFLite's arithmetic: they are refused. */
const isWritten = (op: string): boolean =>
  existsSync(new URL(`../../src/ops/${op}/export.ts`, import.meta.url)) && !notBySamples.has(op);

/** Written out in operators that round more than once: swish, and what LayerNormalization does not cover. */
const spelledOut = new Set(['activation', 'normalize']);

function assertSame(got: Tensor | undefined, want: Tensor, op: string, name: string): void {
  if (!spelledOut.has(op) || got === undefined) return assert.deepEqual(got?.data, want.data, name);
  const [a, b] = [numbers(got), numbers(want)];
  for (const [i, v] of a.entries()) {
    const isNear = Object.is(v, b[i]) || Math.abs(v - b[i]) <= 1e-5 * Math.max(1, Math.abs(b[i]));
    assert.ok(isNear, `${name}: ${v}, not ${b[i]}`);
  }
}

const fields = { producer: { name: 'qcc', version: '' }, metadata: new Map<string, string>() };
const samples = await allSamples();

for (const op of [...new Set(samples.map(([name]) => name.split(':')[0]))])
  test(`${op}: written as ONNX and read again, the same bits`, () => {
    let written = 0;
    for (const [name, sample] of samples) {
      if (name.split(':')[0] !== op) continue;
      const params = sample.inputs.map((type, i) => param(`x${i}`, type));
      const outputs = sample.build(params).map((value, i) => ({ name: `y${i}`, value }));
      const graph: Graph = { name, inputs: params, outputs };
      const random = randomFrom(name);
      const values = new Map(params.map((p) => [p.name, randomTensor(p.type, random)]));
      try {
        const { model } = decodeModel(encodeModel(exportModel(graph, fields)));
        const again = importModel(model, { dims: new Map(), rounding: 'onnx', name: 'm' }).graph;
        const want = evaluateGraph(graph, values);
        const got = evaluateGraph(again, values);
        for (const [output, tensor] of want) assertSame(got.get(output), tensor, op, name);
        written++;
      } catch (failure) {
        if (!(failure instanceof QccError) || !failure.diagnostics.every((d) => d.code === 'Q0840'))
          throw new Error(`${name}: ${String(failure)}`, { cause: failure });
      }
    }
    assert.equal(written > 0, isWritten(op), `${written} samples written`);
  });

for (const mode of ['half_pixel', 'asymmetric', 'align_corners', 'pytorch_half_pixel'])
  test(`Resize, linear, ${mode}: found again from its tables`, () => {
    const spec = {
      inputs: [value('x', 'f32', [1, 3, 5, 7])],
      outputs: ['y'],
      initializers: { sizes: tensor('s64', [4], [1, 3, 9, 14]) },
      nodes: [node('Resize', ['x', '', '', 'sizes'], ['y'], { mode: 'linear', coordinate_transformation_mode: mode })],
    };
    const options = { dims: new Map<string, number>(), rounding: 'onnx', name: 'm' } as const;
    const read = (m: OnnxModel) => runPasses(importModel(m, options).graph, [canonicalize], { rounding: 'onnx' }).graph;
    const graph = read(decodeModel(model(spec)).model);
    const { model: written } = decodeModel(encodeModel(exportModel(graph, fields)));
    assert.deepEqual(
      written.graph.nodes.map((n) => n.opType),
      ['Resize'],
    );
    assert.equal(printGraph(read(written)), printGraph(graph));
  });
