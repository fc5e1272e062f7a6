/**
 * ONNX Runtime loads what the quantizer writes, computes it on integers, and agrees with qcc: bit for bit where all of it is
 * integers, else up to its approximations of float functions.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { needOnnxRuntime, proveExact } from '../../src/cli/onnxruntime.js';
import { lowerModel } from '../../src/compiler.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { numbers } from '../../src/ir/type.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { importModel } from '../../src/onnx/import.js';
import type { ActivationGrid } from '../../src/quant/weight-scales.js';
import { defaultQuantization, quantizeModel } from '../../src/quantizer.js';
import { attention, cnn, feedForward } from './float-models.js';
import { interpretedRanges, randomSamples } from './interpreted-ranges.js';

const dims = new Map<string, number>();
const runtime = await needOnnxRuntime();
await proveExact(runtime);

const cases = [
  { name: 'cnn', make: cnn, tolerance: 0 },
  { name: 'feedForward', make: feedForward, tolerance: 2 ** -7 },
  { name: 'attention', make: attention, tolerance: 2 ** -7 },
];
const grids: readonly ActivationGrid[] = [
  { element: 'u8', symmetric: false },
  { element: 's8', symmetric: false },
  { element: 's8', symmetric: true },
];

for (const { name, make, tolerance } of cases)
  for (const activations of grids)
    test(`${name}, ${activations.element}${activations.symmetric ? ' symmetric' : ''}: ONNX Runtime agrees`, async () => {
      const model = make();
      const float = importModel(model, { dims, rounding: 'onnx', name: 'm', keepNames: true }).graph;
      const samples = randomSamples(float, 8, -1, 1);
      const ranges = interpretedRanges(float, samples);
      const quantization = { ...defaultQuantization, activations };
      const written = encodeModel(quantizeModel(model, { ranges, quantization, dims, version: '0' }).model);
      const { graph } = lowerModel({ model: written, fileName: 'm.onnx' });
      const session = await runtime.open(written, 'exact');
      for (const sample of samples) {
        const named = [...sample].map(([input, tensor]) => ({ name: input, tensor }));
        const [theirs] = (await session.run(named)).values();
        const [ours] = evaluateGraph(graph, sample).values();
        if (tolerance === 0) assert.deepEqual(ours.data, theirs);
        const largest = numbers(ours).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
        for (const [i, v] of numbers(ours).entries())
          assert.ok(Math.abs(v - Number(theirs[i])) <= tolerance * largest, `${v}, ONNX Runtime ${theirs[i]}`);
      }
      await session.release();
    });
