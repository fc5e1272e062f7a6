/** Scales that fit a channel's weights, and the bias that takes up what rounding them adds where padding is read too. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { makeNode } from '../../src/ir/build.js';
import type { Const, Param } from '../../src/ir/graph.js';
import { inputChannels, meanErrors } from '../../src/ir/read-channels.js';
import { floatType } from '../../src/ir/type.js';
import { channelHistogramOf } from '../../src/quant/ranges.js';
import { channelScales, fittedScales, storedWeights } from '../../src/quant/weight-scales.js';

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

function squaredError(weights: Float32Array, scales: Float32Array, powers: Float64Array): number {
  const cells = weights.length / scales.length;
  return storedWeights(weights, scales).reduce(
    (sum, q, i) => sum + powers[i % cells] * (weights[i] - q * scales[Math.floor(i / cells)]) ** 2,
    0,
  );
}

for (const [cells, gain] of [
  [9, 1.4],
  [64, 1.05],
] as const)
  test(`${cells} weights: a fitted scale takes the squared error down by ${gain}, for no channel up, and not below the least`, () => {
    const next = random(7);
    const shape = [32, 1, cells, 1];
    const weights = Float32Array.from({ length: 32 * cells }, () => next());
    const powers = Float64Array.from({ length: cells }, () => next() + 1.1);
    const largest = channelScales(weights, shape, () => 0);
    const fitted = fittedScales(
      weights,
      largest,
      () => 0,
      () => powers,
    );
    const before = squaredError(weights, largest, powers);
    assert.ok(
      before / squaredError(weights, fitted, powers) > gain,
      `${before / squaredError(weights, fitted, powers)}`,
    );
    for (const o of largest.keys()) {
      const row = weights.subarray(o * cells, (o + 1) * cells);
      const errors = [fitted, largest].map((s) => squaredError(row, s.subarray(o, o + 1), powers));
      assert.ok(errors[0] <= errors[1], `channel ${o}`);
    }
    const held = fittedScales(
      weights,
      largest,
      (o) => largest[o],
      () => powers,
    );
    assert.ok(held.every((s, o) => s >= largest[o]));
  });

test('the mean error counts each tap as often as it lies inside the image', () => {
  const [size, step] = [5, 1 / 64];
  const data = Float32Array.from({ length: 9 }, (_, k) => (k - 3.7) / 5);
  const x: Param = { kind: 'param', name: 'x', type: floatType([1, size, size, 1]) };
  const w: Const = {
    kind: 'const',
    name: 'w',
    tensor: { type: floatType([1, 3, 3, 1]), data },
    type: floatType([1, 3, 3, 1]),
  };
  const attrs = { strides: [2, 1], dilations: [1, 1], pads: [1, 1, 1, 1], groups: 1, rounding: 'onnx' } as const;
  const conv = makeNode('conv2d', attrs, [x, w], [floatType([1, 3, size, 1])], { names: ['c'] });
  // All alike, so that the mean of what a tap reads is its share of the image, exactly.
  const value = 1.5;
  const channels = {
    axis: 3,
    min: Float32Array.of(value),
    max: Float32Array.of(value),
    mean: Float64Array.of(value),
    zeros: Float64Array.of(0),
    histograms: [channelHistogramOf(new Array<number>(50).fill(value))],
  };
  const scales = Float32Array.of(step);
  const stored = storedWeights(data, scales);
  let [sum, outputs] = [0, 0];
  for (let oy = 0; oy < 3; oy++)
    for (let ox = 0; ox < size; ox++, outputs++)
      for (let k = 0; k < 9; k++) {
        const [y, z] = [oy * 2 + Math.floor(k / 3) - 1, ox + (k % 3) - 1];
        if (y >= 0 && y < size && z >= 0 && z < size) sum += value * (stored[k] * step - data[k]);
      }
  const input = inputChannels(channels, { min: 0, max: 2 });
  const [error] = meanErrors({ conv, input }, stored, data, scales, undefined);
  assert.ok(Math.abs(error - sum / outputs) < 1e-12, `${error}, ${sum / outputs}`);
});
