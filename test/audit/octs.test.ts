/** Weights in steps whose products are added in 16 bits: derived from the model again, and what was changed is found. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { model, node, tensor, value } from '../onnx/model-builder.js';
import { firstSteps, octWeights } from './oct-weights.js';
import { audited, changed, codesOf, type Folder, folderOf, nudged, resealed, textOf } from './tampered.js';

const [C, OC] = [128, 64];

const weights = octWeights(OC, C);

function layer(): Folder {
  const bytes = model({
    name: 'layer',
    inputs: [value('x', 'u8', [1, C, 16, 16])],
    outputs: [value('y', 'u8', [1, OC, 16, 16])],
    initializers: {
      w: tensor('s8', [OC, C, 1, 1], weights),
      s: tensor('f32', [], [0.02]),
      z: tensor('u8', [], [120]),
      ws: tensor('f32', [], [0.01]),
      wz: tensor('s8', [], [0]),
    },
    nodes: [node('QLinearConv', ['x', 's', 'z', 'w', 'ws', 'wz', 's', 'z'], ['y'])],
  });
  return folderOf(bytes, 'layer.onnx', 'x86-avx2');
}

const sound = layer();

/** Numbers of steps in the first panel, as the packing says them, and where the steps begin. */
const first = firstSteps(weights, OC);
const ORDER = 3;

function withBytes(...edits: readonly (readonly [at: number, by: number])[]): Folder {
  return resealed(
    changed(sound, 'layer_weights.c', (text) => edits.reduce((t, [at, by]) => nudged(t, 'layer_w0', at, by), text)),
  );
}

test('a layer in steps is derived from the model again', () => {
  assert.match(textOf(sound, 'manifest.json'), /OCTS_FIT_S16/);
  const report = audited(sound);
  assert.deepEqual(report.findings, []);
  assert.equal(report.derived, 1);
});

test('found although everything was sealed anew: steps in another order, or more of them in 16 bits than fit', () => {
  const by = first.order[1] - first.order[0];
  assert.ok(codesOf(audited(withBytes([ORDER, by], [ORDER + 1, -by]))).includes('Q0643'));
  // Signed steps that stand alone go by twos.
  assert.ok(first.alone >= 2);
  assert.ok(codesOf(audited(withBytes([2, first.alone >> 1]))).includes('Q0644'));
  // A signed step is taken as it is.
  assert.ok(codesOf(audited(withBytes([1, 1], [2, -first.signedOcts]))).includes('Q0644'));
  assert.ok(codesOf(audited(withBytes([0, 90]))).includes('Q0643'));
});
