/**
 * A function of a stored byte and its channel is a table for each channel: what the interpreter says of every byte in every
 * channel, where that pays and there is room.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { tabulateChannels } from '../../passes/tabulate-channels.js';
import { loadAssets } from '../../src/assets.js';
import { compileGraph } from '../../src/compiler.js';
import { constant, make, param } from '../../src/ir/build.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { type Graph, noOrigin, type Value } from '../../src/ir/graph.js';
import { runPasses } from '../../src/ir/pass.js';
import { floatType, perTensor, type QuantType, quantType } from '../../src/ir/type.js';
import { topologicalOrder } from '../../src/ir/walk.js';
import { findTarget, loadTargets } from '../../src/target/load.js';

const channels = 6;
const shape = [1, 256, channels];
const f32 = floatType(shape);
const from = quantType('s8', shape, perTensor(Math.fround(0.03), -7));
const to = quantType('u8', shape, perTensor(Math.fround(0.02), 9));
const bias: Value = constant('bias', {
  type: floatType([channels]),
  data: Float32Array.from({ length: channels }, (_, c) => (c - 2) / 3),
});
const number = (value: number, dims: readonly number[] = []) =>
  constant('c', { type: floatType(dims), data: Float32Array.of(value) });
const binary = (fn: 'add' | 'mul' | 'div', a: Value, b: Value) => make('binary', { fn }, [a, b], f32, noOrigin);

/** As exporters spell it: the sum is read twice. */
function gelu(x: Value, by: Value): Value {
  const sum = binary('add', by, x);
  const erf = make('unary', { fn: 'erf' }, [binary('div', sum, number(Math.SQRT2))], f32, noOrigin);
  return binary('mul', binary('mul', sum, binary('add', erf, number(1, [1, 1]))), number(0.5));
}

function graphOf(island: (x: Value) => Value, source: QuantType = from): Graph {
  const x = param('x', source);
  const y = make('quantize', {}, [island(make('dequantize', {}, [x], f32, noOrigin))], to, noOrigin);
  return { name: 'g', inputs: [x], outputs: [{ name: 'y', value: y }] };
}

function passed(graph: Graph, bytes: number): Graph {
  return runPasses(graph, [tabulateChannels(bytes)], { rounding: 'onnx' }).graph;
}

const kindsOf = (graph: Graph) => topologicalOrder(graph).map((n) => n.kind);

test('GELU after a bias is a table for each channel, the same at every byte of every channel', () => {
  const graph = graphOf((x) => gelu(x, bias));
  const after = passed(graph, 256 * channels);
  assert.deepEqual(kindsOf(after), ['lookup-channels']);
  const data = Int8Array.from({ length: 256 * channels }, (_, i) => Math.floor(i / channels) - 128);
  const inputs = new Map([['x', { type: from, data }]]);
  assert.deepEqual(evaluateGraph(after, inputs).get('y'), evaluateGraph(graph, inputs).get('y'));
});

test('islands stay where there is no room for their tables, and take it in order where there is for some', () => {
  const graph = graphOf((x) => gelu(x, bias));
  assert.equal(passed(graph, 256 * channels - 1), graph);
  const x = param('x', from);
  const real = make('dequantize', {}, [x], f32, noOrigin);
  const outputs = [
    bias,
    constant('other', { type: floatType([1, 1, channels]), data: new Float32Array(channels) }),
  ].map((by, i) => ({ name: `y${i}`, value: make('quantize', {}, [gelu(real, by)], to, noOrigin) }));
  const after = passed({ name: 'two', inputs: [x], outputs }, 256 * channels);
  assert.equal(kindsOf(after).filter((kind) => kind === 'lookup-channels').length, 1);
  assert.equal(kindsOf(after).filter((kind) => kind === 'quantize').length, 1);
});

test('sums, single numbers, few rows, and constants along other dimensions are no case for tables', () => {
  const room = 1 << 20;
  const sum = graphOf((x) => binary('add', binary('mul', x, number(0.7)), bias));
  assert.equal(passed(sum, room), sum);
  const single = graphOf((x) => gelu(x, number(0.25)));
  assert.equal(passed(single, room), single);
  const column = constant('rows', { type: floatType([256, 1]), data: new Float32Array(256) });
  const rows = graphOf((x) => gelu(x, column));
  assert.equal(passed(rows, room), rows);
  const short = [1, 15, channels];
  const x = param('x', { ...from, shape: short });
  const real = make('dequantize', {}, [x], floatType(short), noOrigin);
  const shifted = make('binary', { fn: 'add' }, [real, bias], floatType(short), noOrigin);
  const erf = make('unary', { fn: 'erf' }, [shifted], floatType(short), noOrigin);
  const y = make('quantize', {}, [erf], { ...to, shape: short }, noOrigin);
  const few: Graph = { name: 'few', inputs: [x], outputs: [{ name: 'y', value: y }] };
  assert.equal(passed(few, room), few);
});

test('a program has tables where it may grow, and none where it is to be small', () => {
  const x = param('x', from);
  const real = make('dequantize', {}, [x], f32, noOrigin);
  const weights = constant('w', { type: f32, data: new Float32Array(256 * channels).fill(0.5) });
  const outputs = [
    { name: 'y', value: make('quantize', {}, [gelu(real, bias)], to, noOrigin) },
    { name: 'z', value: binary('mul', real, weights) },
  ];
  const graph: Graph = { name: 'grown', inputs: [x], outputs };
  const target = findTarget(loadTargets(), 'scalar');
  const tablesOf = (optimize: 'speed' | 'size' | 'ram') =>
    kindsOf(compileGraph(graph, target, loadAssets(), { optimize }).graph).filter((k) => k === 'lookup-channels')
      .length;
  assert.deepEqual([tablesOf('speed'), tablesOf('size'), tablesOf('ram')], [1, 0, 0]);
});
