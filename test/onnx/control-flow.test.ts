/** What the operators' own tests (`test/onnx-node`) do not see of loops that are written out: names and constants. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { floatType } from '../../src/ir/type.js';
import { topologicalOrder } from '../../src/ir/walk.js';
import { importModel } from '../../src/onnx/import.js';
import { graph, node, onnxModel, tensor, value } from './model-builder.js';

test('a body has names and constants of its own, each constant once', () => {
  const body = graph({
    inputs: [value('i', 's64', []), value('go', 'bool', []), value('a', 'f32', [2])],
    outputs: ['next', 'b'],
    initializers: { w: tensor('f32', [2], [2, 3]) },
    // "late" is also a value around the loop.
    nodes: [node('Identity', ['go'], ['next']), node('Mul', ['a', 'w'], ['late']), node('Add', ['late', 'x'], ['b'])],
  });
  const model = onnxModel({
    inputs: [value('x', 'f32', [2])],
    outputs: ['y'],
    initializers: { n: tensor('s64', [], [3]) },
    nodes: [
      node('Neg', ['x'], ['late']),
      node('Loop', ['n', '', 'x'], ['z'], { body }),
      node('Sub', ['z', 'late'], ['y']),
    ],
  });
  const imported = importModel(model, { dims: new Map(), rounding: 'onnx', name: 'm' }).graph;
  const nodes = topologicalOrder(imported);
  assert.equal(nodes.length, 8);
  const constants = nodes.flatMap((n) => n.operands.filter((v) => v.kind === 'const'));
  assert.equal(new Set(constants).size, 1);
  const x = { type: floatType([2]), data: Float32Array.of(1, -1) };
  const y = evaluateGraph(imported, new Map([['x', x]])).get('y');
  // x (w^3 + w^2 + w + 1) - -x
  assert.deepEqual([...(y?.data ?? [])], [16, -41]);
});
