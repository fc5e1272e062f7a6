/** Which kernel the shipped costs choose for 3x3 layers: Winograd's while its larger weights stay near, bytes where they do not. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { lowerModel, placeGraph } from '../../src/compiler.js';
import { stepsOf } from '../../src/program/program.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { policyOf } from '../../src/target/policy.js';
import { model, node, tensor, value } from '../onnx/model-builder.js';

/** A 3x3 convolution of `size` x `size` pixels with as many output as input channels; weights of which one row repeats. */
function layer(size: number, channels: number): Uint8Array {
  const row = Array.from({ length: channels * 9 }, (_, i) => ((i * 37) % 181) - 90);
  return model({
    name: 'layer',
    inputs: [value('x', 'u8', [1, channels, size, size])],
    outputs: [value('y', 'u8', [1, channels, size, size])],
    initializers: {
      w: tensor('s8', [channels, channels, 3, 3], Array(channels).fill(row).flat()),
      s: tensor('f32', [], [0.02]),
      ys: tensor('f32', [], [0.4]),
      z: tensor('u8', [], [120]),
      ws: tensor('f32', [], [0.01]),
      wz: tensor('s8', [], [0]),
    },
    nodes: [node('QLinearConv', ['x', 's', 'z', 'w', 'ws', 'wz', 'ys', 'z'], ['y'], { pads: [1, 1, 1, 1] })],
  });
}

test('the costs of 3x3 layers on AVX2', () => {
  const target = findTarget(loadTargets(), 'x86-avx2');
  const policy = policyOf('speed', target);
  const tiles = [
    [28, 128],
    [14, 256],
    [7, 512],
  ].map(([size, channels]) => {
    const { graph } = lowerModel({ model: layer(size, channels), fileName: 'layer.onnx' });
    // All weights together may grow by the policy's bound; here one layer is all.
    const free = { ...policy, weightGrowth: Number.POSITIVE_INFINITY };
    const { body } = placeGraph(graph, target, loadAssets(), free, {});
    return stepsOf(body).find((step) => step.kernel.family === 'conv2d_q8')?.kernel.tile;
  });
  assert.deepEqual(tiles, ['winograd4', 'winograd4', '5x16q']);
});
