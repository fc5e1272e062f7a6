/** Which kernel a convolution of floats gets where nothing is tuned, and how its weights are stored. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { lowerModel, placeGraph } from '../../src/compiler.js';
import { stepsOf } from '../../src/program/program.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { policyOf } from '../../src/target/policy.js';
import { model, node, tensor, value } from '../onnx/model-builder.js';

interface Layer {
  readonly c: number;
  readonly oc: number;
  readonly k: number;
  readonly groups: number;
  /** The weights come from the caller. */
  readonly isComputed: boolean;
}

const size = 14;

function chosen(targetName: string, { c, oc, k, groups, isComputed }: Layer) {
  const dims = [oc, c / groups, k, k];
  const bytes = model({
    name: 'choice',
    inputs: [value('x', 'f32', [1, c, size, size]), ...(isComputed ? [value('w', 'f32', dims)] : [])],
    outputs: [value('y', 'f32', [1, oc, size, size])],
    initializers: isComputed
      ? {}
      : {
          w: tensor(
            'f32',
            dims,
            new Array<number>((oc * c * k * k) / groups).fill(0).map((_, i) => (i % 13) - 6),
          ),
        },
    nodes: [node('Conv', ['x', 'w'], ['y'], { pads: [k >> 1, k >> 1, k >> 1, k >> 1], group: groups })],
  });
  const target = findTarget(loadTargets(), targetName);
  const { graph } = lowerModel({ model: bytes, fileName: 'choice.onnx' });
  const steps = stepsOf(placeGraph(graph, target, loadAssets(), policyOf('speed', target)).body);
  const step = steps.find((s) => s.kernel.family === 'conv2d_f32');
  const buffer = step?.args.find((a) => a.name === 'w')?.view?.buffer;
  return [step?.kernel.symbol, buffer?.role === 'constant' ? buffer.packing.kind : buffer?.role];
}

const dense: Layer = { c: 64, oc: 96, k: 1, groups: 1, isComputed: false };
const wide: readonly (readonly [string, string, string])[] = [
  ['x86-avx2', 'qcc_conv2d_f32__3x16__x86_avx2', 'qcc_conv2d_f32__3x4__x86_avx2'],
  ['x86-avx512vnni', 'qcc_conv2d_f32__3x16__x86_avx512vnni', 'qcc_conv2d_f32__4x16__x86_avx512vnni'],
];

for (const [target, panels, depthwise] of wide) {
  test(`panels for constant weights: ${target}`, () => {
    for (const layer of [dense, { ...dense, c: 3, k: 7 }, { ...dense, k: 3 }, { ...dense, groups: 4 }])
      assert.deepEqual(chosen(target, layer), [panels, 'panels'], JSON.stringify(layer));
  });
  test(`weights as they are, where panels would be mostly empty or are not known: ${target}`, () => {
    const tiles = 'qcc_conv2d_f32__3x4__x86_avx2';
    assert.deepEqual(chosen(target, { ...dense, c: 96, k: 3, groups: 96 }), [depthwise, 'plain']);
    assert.deepEqual(chosen(target, { ...dense, oc: 1 }), [tiles, 'plain']);
    assert.equal(chosen(target, { ...dense, isComputed: true })[0], tiles);
  });
}

test('plain C takes weights as they are', () => {
  assert.deepEqual(chosen('scalar', dense), ['qcc_conv2d_f32__1__scalar', 'plain']);
});
