/** A bias between two quantizations is a line of integers, the same at every byte of every channel, or stays as it was. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { scaleChannels } from '../../passes/scale-channels.js';
import { constant, make, param } from '../../src/ir/build.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { type Graph, noOrigin, type Value } from '../../src/ir/graph.js';
import { runPasses } from '../../src/ir/pass.js';
import { floatType, perTensor, type QuantType, quantType } from '../../src/ir/type.js';
import { topologicalOrder } from '../../src/ir/walk.js';

const channels = 40;
const shape = [256, channels];
const f32 = floatType(shape);
const stored = (element: 's8' | 'u8', scale: number, zero: number) =>
  quantType(element, shape, perTensor(Math.fround(scale), zero));
const bias: Value = constant('bias', {
  type: floatType([channels]),
  data: Float32Array.from({ length: channels }, (_, c) => Math.sin(c * 37.7)),
});

function graphOf(from: QuantType, to: QuantType, between: (x: Value) => Value): Graph {
  const x = param('x', from);
  const y = make('quantize', {}, [between(make('dequantize', {}, [x], f32, noOrigin))], to, noOrigin);
  return { name: 'g', inputs: [x], outputs: [{ name: 'y', value: y }] };
}
const added = (x: Value, by: Value = bias) => make('binary', { fn: 'add' }, [x, by], f32, noOrigin);
const passed = (graph: Graph) => runPasses(graph, [scaleChannels], { rounding: 'onnx' }).graph;
const kindsOf = (graph: Graph) => topologicalOrder(graph).map((n) => n.kind);

/** The pass made one step of it, and every byte of every channel is what it was. */
function isLine(graph: Graph): void {
  const after = passed(graph);
  assert.deepEqual(kindsOf(after), ['scale-channels']);
  const { type } = graph.inputs[0];
  const least = type.element === 's8' ? -128 : 0;
  const bytes = Array.from({ length: 256 * channels }, (_, i) => Math.floor(i / channels) + least);
  const inputs = new Map([['x', { type, data: least < 0 ? Int8Array.from(bytes) : Uint8Array.from(bytes) }]]);
  assert.deepEqual(evaluateGraph(after, inputs).get('y'), evaluateGraph(graph, inputs).get('y'));
}

test('a bias is a line of integers, whatever the scales and signs', () => {
  isLine(graphOf(stored('u8', 0.0328, 123), stored('u8', 0.0327, 123), added));
  isLine(graphOf(stored('s8', 0.011, -7), stored('u8', 0.047, 9), added));
  isLine(graphOf(stored('u8', 0.021, 200), stored('s8', 0.0061, -3), added));
});

test('factors, falling lines and limits too', () => {
  const factor = constant('f', { type: floatType([]), data: Float32Array.of(-0.7) });
  const scaled = (x: Value) => make('binary', { fn: 'mul' }, [added(x), factor], f32, noOrigin);
  const limited = (x: Value) => make('clamp', { min: 0, max: 1.3 }, [scaled(x)], f32, noOrigin);
  isLine(graphOf(stored('s8', 0.02, 3), stored('u8', 0.013, 17), scaled));
  isLine(graphOf(stored('s8', 0.02, 3), stored('u8', 0.013, 17), limited));
});

test('factors that differ between channels, of either sign, and a batch normalization', () => {
  const several = (x: Value) => make('binary', { fn: 'mul' }, [x, bias], f32, noOrigin);
  isLine(graphOf(stored('u8', 0.03, 128), stored('u8', 0.02, 128), several));
  isLine(graphOf(stored('s8', 0.03, 9), stored('u8', 0.021, 0), (x) => added(several(x))));
});

test('what no line says at all bytes stays: ties that go to even, a bend', () => {
  const none = constant('none', { type: floatType([channels]), data: new Float32Array(channels) });
  const [from, to] = [stored('s8', 0.5, 0), stored('s8', 1, 0)];
  const bent = (x: Value) => make('binary', { fn: 'max' }, [x, bias], f32, noOrigin);
  for (const graph of [
    graphOf(from, to, (x) => added(x, none)),
    graphOf(stored('u8', 0.03, 128), stored('u8', 0.03, 128), bent),
  ])
    assert.deepEqual(kindsOf(passed(graph)), kindsOf(graph));
});
