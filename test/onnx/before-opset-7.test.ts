/** Operators of opsets 1 to 6: what they spell otherwise is translated, what they mean otherwise is refused. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { lowerModel } from '../../src/compiler.js';
import { QccError } from '../../src/diagnostics/diagnostic.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { f32Data, floatType } from '../../src/ir/type.js';
import { model, node, tensor, value } from './model-builder.js';

const x = value('x', 'f32', [2, 3]);

function codesOf(opset: number, operator: string, attributes: Parameters<typeof node>[3], inputs = ['x']): string[] {
  const nodes = [node(operator, inputs, ['y'], attributes)];
  const initializers = { w: tensor('f32', [2], [10, 20]) };
  try {
    lowerModel({ model: model({ opset, inputs: [x], outputs: ['y'], nodes, initializers }), fileName: 'm.onnx' });
    return [];
  } catch (cause) {
    assert.ok(cause instanceof QccError, String(cause));
    return cause.diagnostics.map((d) => d.code);
  }
}

test('Add broadcasts its second input from the dimension `axis` on', () => {
  const nodes = [node('Add', ['x', 'w'], ['y'], { broadcast: 1, axis: 0 })];
  const initializers = { w: tensor('f32', [2], [10, 20]) };
  const bytes = model({ opset: 6, inputs: [x], outputs: ['y'], nodes, initializers });
  const { graph } = lowerModel({ model: bytes, fileName: 'm.onnx' });
  const data = Float32Array.of(1, 2, 3, 4, 5, 6);
  const y = evaluateGraph(graph, new Map([['x', { type: floatType([2, 3]), data }]])).get('y');
  assert.ok(y !== undefined);
  assert.deepEqual([...f32Data(y)], [11, 12, 13, 24, 25, 26]);
});

test('the attributes of opset 6 are unknown from opset 7 on', () => {
  assert.deepEqual(codesOf(6, 'Add', { broadcast: 1 }, ['x', 'x']), []);
  assert.deepEqual(codesOf(7, 'Add', { broadcast: 1 }, ['x', 'x']), ['Q0127']);
});

test('another meaning is refused with the way out', () => {
  assert.deepEqual(codesOf(6, 'Dropout', {}), ['Q0106']);
  assert.deepEqual(codesOf(6, 'Dropout', { is_test: 1 }), []);
  assert.deepEqual(codesOf(5, 'Clip', { min: 0, max: 1 }), ['Q0106']);
  assert.deepEqual(codesOf(5, 'Relu', { consumed_inputs: [0] }), []);
  assert.deepEqual(codesOf(6, 'Upsample', { width_scale: 2, height_scale: 2 }), ['Q0106']);
});
