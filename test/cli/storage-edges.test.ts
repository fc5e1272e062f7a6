/** What `qcc inspect` says of the tensors between steps: a model of u8 for NEON, which multiplies s8. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { storageEdges, storageText } from '../../src/cli/storage-edges.js';
import { compile } from '../../src/compiler.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { shared } from './command.js';

const model = readFileSync(new URL('../../examples/fashion-classifier/fashion.onnx', import.meta.url));
const edgesFor = (target: string) =>
  storageEdges(compile({ model, fileName: 'fashion.onnx' }, findTarget(loadTargets(), target), loadAssets()));

test('tensors lie as the kernels multiply them, and inspect says what the model has', () => {
  const edges = edgesFor('arm-neon');
  const moved = edges.filter((e) => e.element !== e.model_element);
  assert.ok(moved.length > 3);
  for (const edge of moved) {
    assert.deepEqual([edge.element, edge.model_element, edge.role], ['s8', 'u8', 'value']);
    assert.ok((edge.saves_cycles ?? 0) > 0);
    const [text] = [storageText(edge)];
    assert.match(
      text,
      /^v\d+: s8 \(the model has u8: whoever reads it saves about \d+ cycles\), NHWC, \d+ bytes a row/,
    );
  }
  assert.ok(edgesFor('scalar').every((e) => e.element === e.model_element && e.saves_cycles === undefined));
});

test('each edge has its writers, readers, strides and borders', () => {
  const edges = edgesFor('scalar');
  for (const edge of edges) {
    assert.equal(edge.written_by.length > 0, edge.role !== 'input', edge.buffer);
    assert.equal(edge.read_by.length > 0, edge.role !== 'output', edge.buffer);
    assert.equal(edge.strides.length, edge.shape.length);
    for (const { step, written_by } of edge.borders) assert.ok(edge.read_by.includes(step) && written_by === 'reader');
  }
  assert.ok(
    edges.some(({ borders }) => borders.length > 0),
    'its 3x3 convolutions pad',
  );
});

test('tensors whose channels lie in another order are told, and no others', () => {
  const vww = readFileSync(join(shared, 'models/mlperf-tiny/vww.tflite'));
  const edgesOf = (target: string) =>
    storageEdges(compile({ model: vww, fileName: 'vww.tflite' }, findTarget(loadTargets(), target), loadAssets()));
  const ordered = edgesOf('x86-avx2').filter((e) => e.channels_ordered);
  assert.ok(ordered.length > 0);
  for (const edge of ordered) {
    assert.equal(edge.role, 'value');
    assert.match(storageText(edge), /; channels in an order in which more of its readers' products fit 16 bits/);
  }
  assert.ok(edgesOf('scalar').every((e) => e.channels_ordered === undefined));
});
