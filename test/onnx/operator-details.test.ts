/** Corners of single operators that models of exporters rarely show; the answers are ONNX Runtime's. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { lowerModel } from '../../src/compiler.js';
import { QccError } from '../../src/diagnostics/diagnostic.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { allocateNumbers, numbers } from '../../src/ir/type.js';
import { typeOfElement } from '../../src/onnx/importer.js';
import type { NumericElement } from '../../src/onnx/model.js';
import { type AttributeInput, model, node, tensor, value } from './model-builder.js';

interface Operand {
  readonly element: NumericElement;
  readonly shape: readonly number[];
  readonly data: readonly number[];
  readonly isConstant: boolean;
}

function given(element: NumericElement, shape: readonly number[], data: readonly number[]): Operand {
  return { element, shape, data, isConstant: false };
}

function fixed(element: NumericElement, shape: readonly number[], data: readonly number[]): Operand {
  return { element, shape, data, isConstant: true };
}

/** Shape and numbers of the operator's first output. */
function answer(
  operator: string,
  opset: number,
  operands: readonly (Operand | undefined)[],
  attributes: Readonly<Record<string, AttributeInput>> = {},
) {
  const named = operands.flatMap((operand, i) => (operand === undefined ? [] : [{ name: `x${i}`, ...operand }]));
  const nodes = [
    node(
      operator,
      operands.map((operand, i) => (operand === undefined ? '' : `x${i}`)),
      ['y'],
      attributes,
    ),
  ];
  const inputs = named.filter((o) => !o.isConstant);
  const bytes = model({
    opset,
    nodes,
    domains: { 'com.microsoft': 1 },
    inputs: inputs.map((o) => value(o.name, o.element, o.shape)),
    outputs: ['y'],
    initializers: Object.fromEntries(
      named.filter((o) => o.isConstant).map((o) => [o.name, tensor(o.element, o.shape, o.data)]),
    ),
  });
  const { graph } = lowerModel({ model: bytes, fileName: 'm.onnx' });
  const tensors = inputs.map((o) => {
    const type = typeOfElement(o.element, o.shape);
    const data = allocateNumbers(type);
    data.set(o.data);
    return [o.name, { type, data }] as const;
  });
  const y = evaluateGraph(graph, new Map(tensors)).get('y');
  assert.ok(y !== undefined);
  return { shape: y.type.shape, data: numbers(y) };
}

test('Gemm adds a column to every column, also where its length is that of a row', () => {
  const identity = fixed('f32', [2, 2], [1, 0, 0, 1]);
  const operands = [given('f32', [2, 2], [1, 2, 3, 4]), identity, fixed('f32', [2, 1], [10, 20])];
  assert.deepEqual(answer('Gemm', 13, operands).data, [11, 12, 23, 24]);
});

test('MatMulInteger takes a zero point of run time off each matrix of a stack by itself', () => {
  const a = given('u8', [2, 1, 2], [3, 4, 5, 6]);
  const zero = given('u8', [], [2]);
  const b = fixed('u8', [2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
  // [1 2] x [1 2; 3 4], [3 4] x [5 6; 7 8]
  assert.deepEqual(answer('MatMulInteger', 10, [a, b, zero]), { shape: [2, 1, 2], data: [7, 10, 43, 50] });
  assert.deepEqual(answer('MatMulInteger', 10, [a, fixed('u8', [2], [1, 2]), zero]), { shape: [2, 1], data: [5, 11] });
});

test('Slice backwards clamps its start to the first entry, and the largest integer is no end', () => {
  const x = given('f32', [3], [1, 2, 3]);
  const slice = (...bounds: readonly number[]) =>
    answer('Slice', 13, [x, ...bounds.map((v) => fixed('s64', [1], [v]))]).data;
  assert.deepEqual(slice(-9, -9, 0, -1), [1]);
  assert.deepEqual(slice(-1, 2 ** 31 - 1, 0, -1), [3, 2, 1]);
  assert.deepEqual(slice(-1, -9, 0, -2), [3, 1]);
});

test('scales that change no size leave the image, those that change one move along all dimensions', () => {
  const x = given('f32', [1, 1, 2, 2], [0, 11, 22, 33]);
  const resized = (opset: number, ...scales: readonly number[]) =>
    answer(opset === 10 ? 'Resize' : 'Upsample', opset, [x, fixed('f32', [4], scales)], { mode: 'linear' }).data;
  assert.deepEqual(resized(9, 1, 1, 1, 1), [0, 11, 22, 33]);
  assert.deepEqual(resized(10, 1, 1, 1.25, 1), [0, 11, 22, 33]);
  assert.deepEqual(
    resized(10, 1, 1, 2, 1.25).map(Math.fround),
    [0, 8.8, 11, 19.8, 22, 30.8, 22, 30.8].map(Math.fround),
  );
});

test('Attention of a query that may look at no key is 0', () => {
  const q = given('f32', [1, 1, 2, 1], [1, 2]);
  const v = given('f32', [1, 1, 2, 1], [5, 7]);
  const attended = (mask: Operand) => answer('Attention', 23, [q, q, v, mask]).data;
  assert.deepEqual(attended(fixed('bool', [2, 2], [0, 0, 1, 0])), [0, 5]);
  assert.deepEqual(attended(given('bool', [2, 2], [0, 1, 0, 0])), [7, 0]);
  assert.deepEqual(attended(given('f32', [2, 2], [-Infinity, 0, -Infinity, -Infinity])), [7, 0]);
});

test('QLinearAveragePool counts what ceil_mode adds where padding counts, AveragePool does not', () => {
  const attributes = { kernel_shape: [1, 2], strides: [1, 3], ceil_mode: 1, count_include_pad: 1 };
  const image = [1, 2, 3, 8];
  assert.deepEqual(answer('AveragePool', 13, [given('f32', [1, 1, 1, 4], image)], attributes).data, [1.5, 8]);
  const [scale, half, zero] = [fixed('f32', [], [1]), fixed('f32', [], [0.5]), fixed('u8', [], [0])];
  const operands = [given('u8', [1, 1, 1, 4], image), scale, zero, half, zero];
  assert.deepEqual(answer('com.microsoft:QLinearAveragePool', 13, operands, attributes).data, [3, 8]);
});

test('axes outside of the tensor, given twice, and shapes that do not fit are refused with a code', () => {
  const x = given('f32', [2, 3], [1, 2, 3, 4, 5, 6]);
  const refused = (code: string, run: () => unknown) =>
    assert.throws(run, (cause) => cause instanceof QccError && cause.diagnostics[0].code === code);
  refused('Q0208', () => answer('Flatten', 13, [x], { axis: 3 }));
  refused('Q0208', () => answer('Flatten', 13, [x], { axis: -3 }));
  refused('Q0208', () => answer('Unsqueeze', 13, [x, fixed('s64', [2], [0, 0])]));
  refused('Q0210', () => answer('Reshape', 13, [x, fixed('s64', [4], [2, -1, 3, -1])]));
  refused('Q0210', () => answer('Reshape', 13, [x, fixed('s64', [2], [-2, -3])]));
  refused('Q0210', () => answer('PRelu', 13, [x, given('f32', [2], [1, 2])]));
  assert.deepEqual(answer('Flatten', 13, [x], { axis: 2 }).shape, [6, 1]);
});
