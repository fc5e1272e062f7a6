/**
 * LSTM, GRU and RNN through the quantizer: written as ONNX operators that ONNX Runtime loads, on 8 bits where there is an operator
 * for it, and with the same meaning when they are read again.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { needOnnxRuntime, proveExact } from '../../src/cli/onnxruntime.js';
import { lowerModel } from '../../src/compiler.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { numbers } from '../../src/ir/type.js';
import { topologicalOrder } from '../../src/ir/walk.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { importModel } from '../../src/onnx/import.js';
import type { OnnxModel } from '../../src/onnx/model.js';
import { defaultQuantization, quantizeModel, quantizeWithoutData, type WithoutData } from '../../src/quantizer.js';
import { model, node, tensor, value } from '../onnx/model-builder.js';
import { interpretedRanges, randomSamples } from './interpreted-ranges.js';

const dims = new Map<string, number>();
const options = { dims, version: '0' };
const runtime = await needOnnxRuntime();
await proveExact(runtime);

function waves(dims: readonly number[], step: number) {
  const count = dims.reduce((a, b) => a * b, 1);
  return tensor(
    'f32',
    dims,
    Array.from({ length: count }, (_, i) => 0.3 * Math.sin(1 + i * step)),
  );
}

/** Two directions with peepholes and a state to start from, then a linear layer. */
function lstm(): OnnxModel {
  const bytes = model({
    inputs: [value('x', 'f32', [7, 2, 10]), value('h0', 'f32', [2, 2, 16])],
    outputs: ['y', 'c'],
    initializers: {
      w: waves([2, 64, 10], 0.7),
      r: waves([2, 64, 16], 1.3),
      b: waves([2, 128], 2.1),
      p: waves([2, 48], 1.9),
      m: waves([16, 5], 0.9),
    },
    nodes: [
      node(
        'LSTM',
        ['x', 'w', 'r', 'b', '', 'h0', '', 'p'],
        ['s', 'h', 'c'],
        { hidden_size: 16, direction: 'bidirectional' },
        'cells',
      ),
      node('MatMul', ['s', 'm'], ['y'], {}, 'linear'),
    ],
  });
  return decodeModel(bytes).model;
}

function gru(linearBeforeReset: number): OnnxModel {
  const bytes = model({
    inputs: [value('x', 'f32', [7, 1, 10])],
    outputs: ['y', 'h'],
    initializers: {
      w: waves([1, 48, 10], 0.7),
      r: waves([1, 48, 16], 1.3),
      b: waves([1, 96], 2.1),
      m: waves([16, 5], 0.9),
    },
    nodes: [
      node(
        'GRU',
        ['x', 'w', 'r', 'b'],
        ['s', 'h'],
        { hidden_size: 16, direction: 'reverse', linear_before_reset: linearBeforeReset },
        'cells',
      ),
      node('MatMul', ['s', 'm'], ['y'], {}, 'linear'),
    ],
  });
  return decodeModel(bytes).model;
}

/** A direction of its own function each, from a state. */
function rnn(): OnnxModel {
  const bytes = model({
    inputs: [value('x', 'f32', [7, 2, 10]), value('h0', 'f32', [2, 2, 16])],
    outputs: ['y', 'h'],
    initializers: {
      w: waves([2, 16, 10], 0.7),
      r: waves([2, 16, 16], 1.3),
      b: waves([2, 32], 2.1),
      m: waves([16, 5], 0.9),
    },
    nodes: [
      node(
        'RNN',
        ['x', 'w', 'r', 'b', '', 'h0'],
        ['s', 'h'],
        { hidden_size: 16, direction: 'bidirectional', activations: ['Tanh', 'Relu'] },
        'cells',
      ),
      node('MatMul', ['s', 'm'], ['y'], {}, 'linear'),
    ],
  });
  return decodeModel(bytes).model;
}

const models = { lstm, 'gru, reset before': () => gru(0), 'gru, reset after': () => gru(1), rnn };
const routes: Readonly<Record<string, WithoutData>> = {
  dynamic: { mode: 'dynamic', per: 'run' },
  'weights of 8 bits': { mode: 'weights', bits: 8, block: 32 },
  'weights of 4 bits': { mode: 'weights', bits: 4, block: 8 },
};

/** ONNX Runtime and the interpreter on the written model; @param near how far from the float model; @param isFloat no pass rounds. */
async function agree(source: OnnxModel, made: OnnxModel, near: number, isFloat = true): Promise<void> {
  const float = importModel(source, { dims, rounding: 'onnx', name: 'm' }).graph;
  const written = encodeModel(made);
  const lowered = lowerModel({ model: written, fileName: 'm.onnx' });
  const session = await runtime.open(written, 'exact');
  for (const sample of randomSamples(float, 4, -1, 1)) {
    const theirs = await session.run([...sample].map(([name, t]) => ({ name, tensor: t })));
    const meant = evaluateGraph(lowered.source, sample);
    const exact = evaluateGraph(float, sample);
    for (const [name, ours] of evaluateGraph(lowered.graph, sample)) {
      if (isFloat) assert.deepEqual(ours.data, meant.get(name)?.data, 'passes change it');
      for (const [i, v] of numbers(ours).entries()) {
        const [ort, real] = [Number(theirs.get(name)?.[i]), Number(exact.get(name)?.data[i])];
        // A state that rounds to another byte: ONNX Runtime's sigmoid and tanh are approximations.
        assert.ok(Math.abs(v - ort) <= 5e-3, `${name}: ${v}, ONNX Runtime ${ort}`);
        assert.ok(Math.abs(v - real) <= near, `${name}: ${v}, float ${real}`);
      }
    }
  }
  await session.release();
}

for (const [name, make] of Object.entries(models))
  for (const [route, how] of Object.entries(routes))
    test(`${name}, ${route}: ONNX Runtime agrees`, async () => {
      const made = quantizeWithoutData(make(), how, options);
      const count = (operator: string) => made.model.graph.nodes.filter((n) => n.opType === operator).length;
      const cells = name === 'rnn' || name === 'lstm' ? 2 : 1;
      const operator = name.replace(/,.*/, '').toUpperCase();
      if (how.mode === 'weights') assert.equal(count(operator), cells);
      else if (name === 'lstm') {
        assert.deepEqual([count('DynamicQuantizeLSTM'), count('LSTM'), count('MatMulInteger')], [2, 0, 1]);
        assert.equal(made.model.opsets.get('com.microsoft'), 1);
      } else {
        assert.deepEqual([count(operator), count('DequantizeLinear'), count('MatMulInteger')], [cells, 2 * cells, 1]);
        assert.deepEqual(
          made.diagnostics.map((d) => d.code),
          new Array(cells).fill('Q0848'),
        );
      }
      const stored = [...made.model.graph.initializers.values()].flatMap((t) =>
        t.dims.length === 3 && t.elementType === 'f32' && !t.name.includes('scale') ? [t.name] : [],
      );
      assert.deepEqual(stored, [], 'weights of cells that stayed float');
      await agree(make(), made.model, how.mode === 'weights' && how.bits === 4 ? 0.3 : 0.05);
    });

for (const [name, make] of Object.entries(models))
  test(`${name}, static: the cells stay float between integers, and mean what they meant`, async () => {
    const source = make();
    const float = importModel(source, { dims, rounding: 'onnx', name: 'm', keepNames: true }).graph;
    const ranges = interpretedRanges(float, randomSamples(float, 8, -1, 1));
    const made = quantizeModel(source, { ranges, quantization: defaultQuantization, ...options });
    const again = importModel(made.model, { dims, rounding: 'onnx', name: 'm' }).graph;
    assert.ok(topologicalOrder(again).some(({ kind }) => ['lstm', 'gru', 'rnn'].includes(kind)));
    assert.ok(made.quantized > 0, 'the linear layer is one of integers');
    await agree(source, made.model, 0.1, false);
  });
