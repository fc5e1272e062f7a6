/** A zero point that is left out of a layer: only where it is 0. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { model, node, tensor, value } from '../onnx/model-builder.js';
import { wholeNumbers } from '../onnx/tiny-models.js';
import { audited, changed, codesOf, type Folder, folderOf, resealed, textOf } from './tampered.js';

function layer(zero: number): Folder {
  const bytes = model({
    name: 'layer',
    inputs: [value('x', 'u8', [1, 16, 8, 8])],
    outputs: [value('y', 'u8', [1, 32, 8, 8])],
    initializers: {
      w: tensor('s8', [32, 16, 1, 1], wholeNumbers(32 * 16, 3, -90, 90)),
      s: tensor('f32', [], [0.02]),
      z: tensor('u8', [], [120]),
      yz: tensor('u8', [], [zero]),
      ws: tensor('f32', [], [0.01]),
      wz: tensor('s8', [], [0]),
    },
    nodes: [node('QLinearConv', ['x', 's', 'z', 'w', 'ws', 'wz', 's', 'yz'], ['y'])],
  });
  return folderOf(bytes, 'layer.onnx', 'x86-avx2');
}

test('a zero point of 0 is left out, another is not, and an audit finds one that is', () => {
  const none = layer(0);
  assert.match(textOf(none, 'layer.c'), /\.no_zero = 1/);
  assert.deepEqual(audited(none).findings, []);
  const other = layer(7);
  assert.doesNotMatch(textOf(other, 'layer.c'), /no_zero/);
  assert.deepEqual(audited(other).findings, []);
  const left = changed(other, 'layer.c', (text) => text.replace('.has_lookup = 0', '.has_lookup = 0, .no_zero = 1'));
  assert.deepEqual(codesOf(audited(resealed(left))), ['Q0646']);
});
