/** Which kernel the shipped costs choose for convolutions on AVX2. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { lowerModel, placeGraph } from '../../src/compiler.js';
import { stepsOf } from '../../src/program/program.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { policyOf } from '../../src/target/policy.js';
import { model, node, tensor, value } from '../onnx/model-builder.js';
import { wholeNumbers } from '../onnx/tiny-models.js';

interface Layer {
  readonly size: number;
  readonly c: number;
  readonly oc: number;
  readonly k: number;
  /** Weights spread evenly up to this, each output's own: of 127 no order of inputs suits a panel. Else one row repeats. */
  readonly spread?: number;
}

function layerModel({ size, c, oc, k, spread }: Layer): Uint8Array {
  const row = Array.from({ length: c * k * k }, (_, i) => ((i * 37) % 181) - 90);
  const weights = spread ? wholeNumbers(oc * row.length, 1, -spread, spread) : Array(oc).fill(row).flat();
  return model({
    name: 'layer',
    inputs: [value('x', 'u8', [1, c, size, size])],
    outputs: [value('y', 'u8', [1, oc, size, size])],
    initializers: {
      w: tensor('s8', [oc, c, k, k], weights),
      s: tensor('f32', [], [0.02]),
      ys: tensor('f32', [], [0.4]),
      z: tensor('u8', [], [120]),
      ws: tensor('f32', [], [0.01]),
      wz: tensor('s8', [], [0]),
    },
    nodes: [node('QLinearConv', ['x', 's', 'z', 'w', 'ws', 'wz', 'ys', 'z'], ['y'], { pads: Array(4).fill(k >> 1) })],
  });
}

function tileOf(layer: Layer): string | undefined {
  const target = findTarget(loadTargets(), 'x86-avx2');
  const { graph } = lowerModel({ model: layerModel(layer), fileName: 'layer.onnx' });
  // All weights together may grow by the policy's bound; here one layer is all.
  const free = { ...policyOf('speed', target), weightGrowth: Number.POSITIVE_INFINITY };
  const { body } = placeGraph(graph, target, loadAssets(), free, {});
  return stepsOf(body).find((step) => step.kernel.family === 'conv2d_q8')?.kernel.tile;
}

test('3x3: Winograd while its larger weights stay near, bytes where they do not', () => {
  assert.equal(tileOf({ size: 28, c: 128, oc: 128, k: 3 }), 'winograd4');
  assert.equal(tileOf({ size: 14, c: 256, oc: 256, k: 3 }), 'winograd4');
  assert.equal(tileOf({ size: 7, c: 512, oc: 512, k: 3 }), '5x16q');
});

test('1x1: octs, of few pixels bytes in an order, signs where none is found, int16 of few inputs', () => {
  assert.equal(tileOf({ size: 28, c: 256, oc: 64, k: 1, spread: 80 }), '3x16o');
  assert.equal(tileOf({ size: 5, c: 256, oc: 64, k: 1, spread: 80 }), '5x16q');
  assert.equal(tileOf({ size: 14, c: 128, oc: 64, k: 1, spread: 127 }), '5x16s');
  assert.equal(tileOf({ size: 56, c: 16, oc: 96, k: 1, spread: 127 }), '6x16');
});

test('fours that lie across lines go by an order; one is looked for where half a panel is all that it multiplies of the last', () => {
  assert.equal(tileOf({ size: 56, c: 98, oc: 24, k: 1 }), '5x16q');
  assert.equal(tileOf({ size: 56, c: 96, oc: 24, k: 1 }), '3x16o');
});
