/**
 * Any function of one 8-bit tensor is a table, whatever it is made of; the table holds what the interpreter says, and for
 * the functions a library would approximate it is the correctly rounded one.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { fuseLookup } from '../../passes/fuse-lookup.js';
import { constant, make, param } from '../../src/ir/build.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { type Graph, noOrigin, type Value } from '../../src/ir/graph.js';
import { runPasses } from '../../src/ir/pass.js';
import { floatType, indexType, perTensor, type QuantType, quantType, type Tensor } from '../../src/ir/type.js';
import { topologicalOrder } from '../../src/ir/walk.js';
import { activation } from '../../src/ops/activation/op.js';
import { unary } from '../../src/ops/unary/op.js';

const shape = [2, 4, 4, 8];
const f32 = floatType(shape);
const u8 = quantType('u8', shape, perTensor(0.0625, 120));
const s8 = quantType('s8', shape, perTensor(Math.fround(0.05), -7));

function scalar(value: number, dims: readonly number[] = []): Value {
  return constant('c', { type: floatType(dims), data: Float32Array.of(value) });
}
const binary = (fn: 'add' | 'sub' | 'mul' | 'div' | 'min' | 'max' | 'pow' | 'prelu', a: Value, b: Value) =>
  make('binary', { fn }, [a, b], f32, noOrigin);
const of = (fn: (typeof unary.attrs.fn)[number], x: Value) => make('unary', { fn }, [x], f32, noOrigin);

/** All 256 stored values. */
function bytes(type: QuantType): Tensor {
  const data = type.element === 's8' ? new Int8Array(256) : new Uint8Array(256);
  return { type, data: data.map((_, i) => i) };
}

/** dequantize -> island -> quantize, fused; the answers of both for all stored values. */
function fused(from: QuantType, to: QuantType, island: (x: Value) => Value) {
  const x = param('x', from);
  const real = make('dequantize', {}, [x], f32, noOrigin);
  const y = make('quantize', {}, [island(real)], to, noOrigin);
  const graph: Graph = { name: 'g', inputs: [x], outputs: [{ name: 'y', value: y }] };
  const run = runPasses(graph, [fuseLookup], { rounding: 'onnx' });
  const inputs = new Map([['x', bytes(from)]]);
  return {
    kinds: topologicalOrder(run.graph).map((n) => n.kind),
    got: evaluateGraph(run.graph, inputs).get('y')?.data,
    want: evaluateGraph(graph, inputs).get('y')?.data,
  };
}

function assertTable(name: string, island: (x: Value) => Value): void {
  test(`${name} is a table`, () => {
    for (const [from, to] of [
      [u8, s8],
      [s8, u8],
    ]) {
      const { kinds, got, want } = fused(from, to, island);
      assert.deepEqual(kinds, ['lookup']);
      assert.ok(want !== undefined);
      assert.deepEqual(got, want);
    }
  });
}

for (const fn of unary.attrs.fn) assertTable(fn, (x) => of(fn, x));
for (const fn of activation.attrs.fn)
  assertTable(fn, (x) => make('activation', { fn, alpha: 0.5, beta: 0.25 }, [x], f32, noOrigin));
for (const fn of ['add', 'sub', 'mul', 'div', 'min', 'max', 'pow', 'prelu'] as const)
  assertTable(`${fn} of a constant`, (x) => binary(fn, x, scalar(1.5)));
assertTable('a constant with more dimensions', (x) => binary('mul', x, scalar(0.5, [1, 1, 1, 1])));
assertTable('SiLU written out', (x) => binary('mul', x, of('sigmoid', x)));
assertTable('GELU written out', (x) =>
  binary(
    'mul',
    binary('mul', x, scalar(0.5)),
    binary('add', of('erf', binary('div', x, scalar(Math.SQRT2))), scalar(1)),
  ),
);
assertTable('hard swish written out', (x) =>
  binary(
    'div',
    binary('mul', x, make('clamp', { min: 0, max: 6 }, [binary('add', x, scalar(3))], f32, noOrigin)),
    scalar(6),
  ),
);
assertTable('a choice by comparison', (x) => {
  const isNegative = make('compare', { fn: 'less' }, [x, scalar(0)], indexType('bool', shape), noOrigin);
  return make('where', {}, [isNegative, binary('mul', x, scalar(0.1)), x], f32, noOrigin);
});
assertTable('a mask made of casts', (x) => {
  const isLarge = make('compare', { fn: 'less-or-equal' }, [scalar(1), x], indexType('bool', shape), noOrigin);
  const isSmall = make('compare', { fn: 'less' }, [x, scalar(3)], indexType('bool', shape), noOrigin);
  const both = make('binary', { fn: 'and' }, [isLarge, isSmall], indexType('bool', shape), noOrigin);
  return binary('mul', x, make('cast', {}, [both], f32, noOrigin));
});

/** JavaScript's own functions are good to a few units of the last place of a double: no tie is that near. */
const exact: Readonly<Record<string, (x: number) => number>> = {
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  exp: Math.exp,
  softplus: (x) => Math.log1p(Math.exp(x)),
  mish: (x) => x * Math.tanh(Math.log1p(Math.exp(x))),
};
for (const [name, real] of Object.entries(exact))
  test(`the table of ${name} is correctly rounded`, () => {
    const fn = unary.attrs.fn.find((f) => f === name);
    assert.ok(fn !== undefined);
    const to = quantType('u8', shape, perTensor(1 / 256, 3));
    const { got } = fused(u8, to, (x) => of(fn, x));
    assert.ok(got !== undefined);
    for (let i = 0; i < 256; i++) {
      const units = real((i - 120) * 0.0625) * 256;
      const even = 2 * Math.round(units / 2);
      const nearest = Math.abs(units - Math.floor(units) - 0.5) < 1e-9 ? even : Math.round(units);
      assert.equal(got[i], Math.max(0, Math.min(255, nearest + 3)), `${name} at ${i}`);
    }
  });

test('constants that differ by channel, other sources and other elements are no table', () => {
  const perChannel = constant('c', { type: floatType([8]), data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) });
  assert.notDeepEqual(fused(u8, s8, (x) => binary('mul', x, perChannel)).kinds, ['lookup']);
  const z = param('z', s8);
  const other = make('dequantize', {}, [z], f32, noOrigin);
  const x = param('x', u8);
  const sum = binary('add', make('dequantize', {}, [x], f32, noOrigin), other);
  const y = make('quantize', {}, [sum], u8, noOrigin);
  const graph: Graph = { name: 'g', inputs: [x, z], outputs: [{ name: 'y', value: y }] };
  const run = runPasses(graph, [fuseLookup], { rounding: 'onnx' });
  assert.ok(topologicalOrder(run.graph).every((n) => n.kind !== 'lookup'));
  const s16 = quantType('s16', shape, perTensor(0.001, 0));
  assert.ok(!fused(u8, s16, (v) => of('exp', v)).kinds.includes('lookup'));
});

for (const kind of ['mul', 'add'] as const)
  for (const [from, to] of [
    [u8, s8],
    [s8, u8],
  ])
    test(`${kind} of a tensor and a function of it, stored in 8 bits, is a table: ${from.element} to ${to.element}`, () => {
      const x = param('x', from);
      const gate = quantType('u8', shape, perTensor(1 / 256, 0));
      const real = make('dequantize', {}, [x], f32, noOrigin);
      const y = make(kind, {}, [x, make('quantize', {}, [of('sigmoid', real)], gate, noOrigin)], to, noOrigin);
      const graph: Graph = { name: 'g', inputs: [x], outputs: [{ name: 'y', value: y }] };
      const run = runPasses(graph, [fuseLookup], { rounding: 'onnx' });
      assert.deepEqual(
        topologicalOrder(run.graph).map((n) => n.kind),
        ['lookup'],
      );
      const inputs = new Map([['x', bytes(from)]]);
      assert.deepEqual(evaluateGraph(run.graph, inputs).get('y')?.data, evaluateGraph(graph, inputs).get('y')?.data);
    });

for (const [from, to] of [
  [u8, s8],
  [s8, u8],
])
  test(`a GELU whose steps are all stored in 8 bits is a table: ${from.element} to ${to.element}`, () => {
    const number = (stored: number, dims: readonly number[]) =>
      constant('n', { type: quantType('u8', dims, perTensor(0.0625, 0)), data: Uint8Array.of(stored) });
    const x = param('x', from);
    const erf = of('erf', binary('div', make('dequantize', {}, [x], f32, noOrigin), scalar(Math.SQRT2)));
    const stored = make('quantize', {}, [erf], quantType('s8', shape, perTensor(1 / 128, 0)), noOrigin);
    const gate = make('add', {}, [number(16, [1, 1]), stored], quantType('u8', shape, perTensor(1 / 100, 3)), noOrigin);
    const y = make('mul', {}, [make('mul', {}, [x, gate], from, noOrigin), number(8, [])], to, noOrigin);
    const graph: Graph = { name: 'g', inputs: [x], outputs: [{ name: 'y', value: y }] };
    const run = runPasses(graph, [fuseLookup], { rounding: 'onnx' });
    assert.deepEqual(
      topologicalOrder(run.graph).map((n) => n.kind),
      ['lookup'],
    );
    const inputs = new Map([['x', bytes(from)]]);
    assert.deepEqual(evaluateGraph(run.graph, inputs).get('y')?.data, evaluateGraph(graph, inputs).get('y')?.data);
  });

test('numbers that make a tensor of other dimensions, and those of each channel, are no table', () => {
  const x = param('x', quantType('u8', [8], u8.affine));
  const high = constant('n', { type: quantType('u8', [1, 1], u8.affine), data: Uint8Array.of(200) });
  const each = constant('n', {
    type: quantType('u8', [8], u8.affine),
    data: Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]),
  });
  const outputs = [high, each].map((by, i) => ({
    name: `y${i}`,
    value: make('add', {}, [x, by], quantType('s8', i === 0 ? [1, 8] : [8], s8.affine), noOrigin),
  }));
  const run = runPasses({ name: 'g', inputs: [x], outputs }, [fuseLookup], { rounding: 'onnx' });
  assert.ok(topologicalOrder(run.graph).every((n) => n.kind === 'add'));
});

test('a product of tables of two tensors stays one', () => {
  const [x, z] = [param('x', u8), param('z', u8)];
  const gate = make('requantize', {}, [z], s8, noOrigin);
  const graph: Graph = {
    name: 'g',
    inputs: [x, z],
    outputs: [{ name: 'y', value: make('mul', {}, [x, gate], u8, noOrigin) }],
  };
  const run = runPasses(graph, [fuseLookup], { rounding: 'onnx' });
  assert.deepEqual(
    topologicalOrder(run.graph).map((n) => n.kind),
    ['lookup', 'mul'],
  );
});
