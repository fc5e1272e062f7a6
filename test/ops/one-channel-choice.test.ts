/** Which kernel a first layer over an image with one channel gets on VNNI, where the times of both that come into question are known. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { lowerModel, placeGraph } from '../../src/compiler.js';
import { stepsOf } from '../../src/program/program.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { policyOf } from '../../src/target/policy.js';
import { model, node, tensor, value } from '../onnx/model-builder.js';

const target = findTarget(loadTargets(), 'x86-avx512vnni');
const assets = loadAssets();

function chosen(size: readonly number[], window: readonly number[], oc: number, stride: number): string {
  const [kh, kw] = window;
  const scale = tensor('f32', [], [0.05]);
  const bytes = model({
    inputs: [value('x', 'u8', [1, 1, ...size])],
    outputs: ['y'],
    initializers: {
      scale,
      zero: tensor('u8', [], [120]),
      w: tensor(
        's8',
        [oc, 1, kh, kw],
        Array.from({ length: oc * kh * kw }, (_, i) => (i % 251) - 125),
      ),
      none: tensor('s8', [], [0]),
    },
    nodes: [
      node('QLinearConv', ['x', 'scale', 'zero', 'w', 'scale', 'none', 'scale', 'zero'], ['y'], {
        pads: [kh >> 1, kw >> 1, kh >> 1, kw >> 1],
        strides: [stride, stride],
      }),
    ],
  });
  const { graph } = lowerModel({ model: bytes, fileName: 'choice.onnx' });
  const steps = stepsOf(placeGraph(graph, target, assets, policyOf('speed', target)).body);
  return steps.find((s) => s.kernel.family === 'conv2d_q8')?.kernel.tile ?? '';
}

test('rows of pixels where many taps or few output channels make up for what they cost', () => {
  // Zen 4, us by rows and by tiles: 13.1 and 24.3; 9.4 and 30.8; 4.2 and 5.6; 8.1 and 7.4; 47.5 and 46.3.
  assert.equal(chosen([49, 40], [8, 8], 16, 1), 'row16');
  assert.equal(chosen([49, 40], [10, 8], 8, 1), 'row16');
  assert.equal(chosen([49, 40], [3, 3], 16, 1), 'row16');
  assert.equal(chosen([49, 40], [3, 3], 32, 1), '5x64');
  assert.equal(chosen([96, 96], [10, 4], 64, 2), '5x64');
});
