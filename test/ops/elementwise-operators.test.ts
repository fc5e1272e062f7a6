/**
 * Element-wise operators as models spell them: element types, half floats, limits, constants folded on the way in, batch
 * normalization that leaves one convolution; and what is refused, with its code.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { lowerModel } from '../../src/compiler.js';
import { QccError } from '../../src/diagnostics/diagnostic.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { elements, type Tensor } from '../../src/ir/type.js';
import { topologicalOrder } from '../../src/ir/walk.js';
import { typeOfElement } from '../../src/onnx/importer.js';
import type { NumericElement, OnnxNode, OnnxTensor } from '../../src/onnx/model.js';
import { type AttributeInput, model, node, tensor, value } from '../onnx/model-builder.js';

type Attributes = Readonly<Record<string, AttributeInput>>;
interface Spec {
  readonly attributes?: Attributes;
  readonly opset?: number;
  /** Inputs that are initializers. */
  readonly constants?: Readonly<Record<string, OnnxTensor>>;
}

function lowered(inputs: Readonly<Record<string, OnnxTensor>>, nodes: readonly OnnxNode[], spec: Spec = {}) {
  const bytes = model({
    opset: spec.opset ?? 17,
    inputs: Object.entries(inputs).map(([name, t]) => value(name, t.elementType, t.dims)),
    outputs: ['y'],
    nodes,
    initializers: spec.constants ?? {},
  });
  return lowerModel({ model: bytes, fileName: 'model.onnx' });
}

function asTensor(t: OnnxTensor): Tensor {
  if (t.elementType === 'string') throw new TypeError('strings are no tensors here');
  return { type: typeOfElement(t.elementType, t.dims), data: t.data };
}

/** The values of y, before and after the passes. */
function answer(inputs: Readonly<Record<string, OnnxTensor>>, nodes: readonly OnnxNode[], spec: Spec = {}): number[] {
  const { source, graph } = lowered(inputs, nodes, spec);
  const values = new Map(Object.entries(inputs).map(([name, t]) => [name, asTensor(t)]));
  const [before, after] = [source, graph].map((g) => evaluateGraph(g, values).get('y'));
  assert.ok(before !== undefined && after !== undefined);
  assert.deepEqual(after.data, before.data);
  return Array.from<number | bigint, number>(after.data, Number);
}

/** One operator on inputs a, b, ... */
function apply(operator: string, operands: readonly OnnxTensor[], spec: Spec = {}): number[] {
  const names = operands.map((_, i) => 'abcd'[i]);
  const inputs = Object.fromEntries(operands.map((t, i) => [names[i], t]));
  const all = [...names, ...Object.keys(spec.constants ?? {})];
  return answer(inputs, [node(operator, all, ['y'], spec.attributes)], spec);
}

const row = (element: NumericElement, ...values: number[]) => tensor(element, [values.length], values);
const scalar = (element: NumericElement, v: number) => tensor(element, [], [v]);

test('signs of integers', () => {
  assert.deepEqual(apply('Neg', [row('s8', 5, -128, 0)]), [-5, -128, 0]);
  assert.deepEqual(apply('Abs', [row('s32', -7, 7, -2147483648)]), [7, 7, -2147483648]);
  assert.deepEqual(apply('Abs', [row('u8', 200, 0)]), [200, 0]);
  assert.deepEqual(apply('Sign', [row('s64', -9, 0, 4)]), [-1, 0, 1]);
  assert.deepEqual(apply('Sign', [row('u16', 0, 40000)]), [0, 1]);
});

test('integers beyond 2^53 stay exact', () => {
  const big = {
    name: '',
    dims: [2],
    elementType: 's64',
    data: BigInt64Array.of(2n ** 53n + 1n, -(2n ** 62n)),
  } as const;
  const { source } = lowered({ a: big }, [node('Add', ['a', 'a'], ['y'])]);
  const y = evaluateGraph(source, new Map([['a', asTensor(big)]])).get('y');
  assert.deepEqual(y?.data, BigInt64Array.of(2n ** 54n + 2n, -(2n ** 63n)));
});

test('Relu and Clip of every element', () => {
  assert.deepEqual(apply('Relu', [row('s16', -5, 6)], { opset: 14 }), [0, 6]);
  assert.deepEqual(apply('Relu', [row('s64', -5, 6)], { opset: 14 }), [0, 6]);
  assert.deepEqual(apply('Relu', [row('s8', -5, 6)], { opset: 14 }), [0, 6]);
  const limits = { lo: scalar('f32', -1), hi: scalar('f32', 2) };
  assert.deepEqual(apply('Clip', [row('f32', -3, 0.5, 9)], { constants: limits }), [-1, 0.5, 2]);
  assert.deepEqual(apply('Clip', [row('f32', -3, 0.5, 9), scalar('f32', -1), scalar('f32', 2)]), [-1, 0.5, 2]);
  assert.deepEqual(
    apply('Clip', [row('f32', -3, 0.5, 9)], { opset: 6, attributes: { min: { float: 0 } } }),
    [0, 0.5, 9],
  );
  assert.deepEqual(apply('Clip', [row('u8', 3, 100, 250), scalar('u8', 7), scalar('u8', 200)]), [7, 100, 200]);
  const wide = { lo: scalar('s64', -4), hi: scalar('s64', 4) };
  assert.deepEqual(apply('Clip', [row('s64', -9, 0, 9)], { constants: wide }), [-4, 0, 4]);
});

test('a lower limit above the upper one gives the upper one', () => {
  const limits = { lo: scalar('f32', 5), hi: scalar('f32', 2) };
  assert.deepEqual(apply('Clip', [row('f32', -3, 3, 9)], { constants: limits }), [2, 2, 2]);
  assert.deepEqual(apply('Clip', [row('f32', -3, 3, 9), limits.lo, limits.hi]), [2, 2, 2]);
});

test('half floats are computed in float32 and rounded after each operator', () => {
  const x = row('f16', 1, 2048, 60000, 2 ** -24);
  assert.deepEqual(apply('Add', [x, row('f16', 2 ** -11, 1, 60000, 0)]), [1, 2048, Number.POSITIVE_INFINITY, 2 ** -24]);
  // Twice: 2048 + 1 is 2048, so adding 1 again stays there.
  const nodes = [node('Add', ['a', 'b'], ['t']), node('Add', ['t', 'b'], ['y'])];
  assert.deepEqual(answer({ a: row('f16', 2048), b: row('f16', 1) }, nodes), [2048]);
  assert.deepEqual(apply('Mul', [row('bf16', 1.0078125), row('bf16', 1.0078125)]), [1.015625]);
  assert.deepEqual(apply('Where', [row('bool', 1, 0), row('f16', 0.5, 0.5), row('f16', 7, 7)]), [0.5, 7]);
});

test('powers of mixed elements have the element of the base', () => {
  assert.deepEqual(apply('Pow', [row('s32', 2, 3, -3), row('s64', 10, 2, 3)]), [1024, 9, -27]);
  assert.deepEqual(apply('Pow', [row('s64', 4, 9), row('f32', 0.5, 1.5)]), [2, 27]);
  assert.deepEqual(apply('Pow', [row('f32', 1.5, 4097), row('s32', 2, 2)]), [2.25, 16785408]);
});

test('arithmetic of shapes folds away', () => {
  const nodes = [
    node('Shape', ['x'], ['shape']),
    node('Gather', ['shape', 'one'], ['width']),
    node('Mul', ['width', 'two'], ['doubled']),
    node('Sub', ['doubled', 'two'], ['less']),
    node('Equal', ['less', 'two'], ['same']),
    node('Where', ['same', 'two', 'less'], ['chosen']),
    node('Cast', ['chosen'], ['real'], { to: 1 }),
    node('Sqrt', ['real'], ['root']),
    node('Div', ['x', 'root'], ['y']),
  ];
  const x = tensor('f32', [1, 9], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const { graph } = lowered({ x }, nodes, { constants: { one: scalar('s64', 1), two: scalar('s64', 2) } });
  assert.deepEqual(
    topologicalOrder(graph).map((n) => n.kind),
    ['binary'],
  );
  const y = evaluateGraph(graph, new Map([['x', asTensor(x)]])).get('y');
  assert.deepEqual(y?.data, Float32Array.of(0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.25));
});

test('convolution and batch normalization become one convolution', () => {
  const x = tensor(
    'f32',
    [1, 2, 3, 3],
    Array.from({ length: 18 }, (_, i) => i / 4 - 2),
  );
  const constants = {
    w: tensor(
      'f32',
      [4, 2, 2, 2],
      Array.from({ length: 32 }, (_, i) => ((i * 7) % 11) / 8 - 0.5),
    ),
    scale: row('f32', 1, -2, 0.5, 3),
    bias: row('f32', 0, 1, 2, 3),
    mean: row('f32', 0.5, 0.25, -1, 2),
    variance: row('f32', 1, 4, 0.25, 9),
  };
  const nodes = [
    node('Conv', ['x', 'w'], ['c']),
    node('BatchNormalization', ['c', 'scale', 'bias', 'mean', 'variance'], ['y'], { epsilon: { float: 0 } }),
  ];
  const { source, graph } = lowered({ x }, nodes, { constants });
  assert.deepEqual(
    topologicalOrder(graph).map((n) => n.kind),
    ['transpose', 'conv2d', 'transpose'],
  );
  const [before, after] = [source, graph].map((g) => evaluateGraph(g, new Map([['x', asTensor(x)]])).get('y'));
  assert.ok(before !== undefined && after !== undefined);
  for (const [i, v] of before.data.entries()) assert.ok(Math.abs(Number(v) - Number(after.data[i])) < 1e-5);
});

const f = row('f32', 1, 2);
const refusals: readonly (readonly [string, string, string, readonly OnnxTensor[], Spec?])[] = [
  ['Q0209', 'two element types', 'Add', [f, row('s64', 1, 2)]],
  ['Q0209', 'a function of doubles', 'Sigmoid', [row('f64', 1)]],
  ['Q0209', 'powers of doubles', 'Pow', [row('f64', 1), row('f64', 1)]],
  ['Q0209', 'logic of numbers', 'And', [f, f]],
  ['Q0209', 'arithmetic of booleans', 'Add', [row('bool', 1), row('bool', 1)]],
  [
    'Q0209',
    'shifts of signed integers',
    'BitShift',
    [row('s32', 1), row('s32', 1)],
    { attributes: { direction: 'LEFT' } },
  ],
  ['Q0209', 'a condition that is no bool', 'Where', [f, f, f]],
  ['Q0209', 'a choice between two types', 'Where', [row('bool', 1, 0), f, row('s64', 1, 2)]],
  ['Q0210', 'shapes that do not broadcast', 'Mul', [f, row('f32', 1, 2, 3)]],
  ['Q0210', 'a slope larger than x', 'PRelu', [f, tensor('f32', [2, 2], [1, 2, 3, 4])]],
  ['Q0207', 'a limit per element', 'Clip', [f, f]],
  ['Q0126', 'no direction', 'BitShift', [row('u8', 1), row('u8', 1)], { attributes: { direction: 'UP' } }],
  ['Q0126', 'floor division of floats', 'Mod', [f, f]],
  ['Q0126', 'an unknown approximation', 'Gelu', [f], { opset: 20, attributes: { approximate: 'fast' } }],
  ['Q0126', 'a division by 0', 'Celu', [f], { attributes: { alpha: { float: 0 } } }],
  ['Q0127', 'an attribute nobody knows', 'Relu', [f], { attributes: { alpha: { float: 0 } } }],
  ['Q0218', 'float8', 'Cast', [f], { opset: 19, attributes: { to: 17 } }],
  ['Q0218', 'strings', 'Cast', [f], { attributes: { to: 8 } }],
];
for (const [code, what, operator, operands, spec] of refusals)
  test(`${operator}: ${what} is refused`, () =>
    assert.throws(
      () => apply(operator, operands, spec),
      (cause) =>
        cause instanceof QccError && cause.diagnostics.some((d) => d.code === code && d.place?.node === 'y_node'),
    ));

const statistics = [row('f32', 1, 1), row('f32', 0, 0), row('f32', 0, 0), row('f32', 1, 1)];
for (const [code, what, dims, spec] of [
  ['Q0217', 'training', [1, 2], { opset: 15, attributes: { training_mode: 1 } }],
  ['Q0218', 'statistics per element', [1, 2], { opset: 8, attributes: { spatial: 0 } }],
  ['Q0210', 'another number of channels', [1, 3], {}],
  ['Q0210', 'no channels', [2], {}],
] as const)
  test(`BatchNormalization: ${what} is refused`, () => {
    const x = tensor('f32', dims, new Array<number>(elements(dims)).fill(1));
    const [scale, bias, mean, variance] = statistics;
    const nodes = [node('BatchNormalization', ['x', 'scale', 'bias', 'mean', 'variance'], ['y'], spec.attributes)];
    assert.throws(
      () => lowered({ x }, nodes, { ...spec, constants: { scale, bias, mean, variance } }),
      (cause) => cause instanceof QccError && cause.diagnostics.some((d) => d.code === code),
    );
  });
