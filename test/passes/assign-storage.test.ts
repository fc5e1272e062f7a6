/**
 * Bytes lie as the target's kernels multiply them: random quantized models give the same bytes, what the caller sees keeps its
 * type, a residual sum in ONNX's arithmetic keeps its operands, and targets that multiply either way change nothing.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { assignStorage, type StoredEdge } from '../../passes/assign-storage.js';
import { loadAssets } from '../../src/assets.js';
import { lowerModel } from '../../src/compiler.js';
import { constant, make, param } from '../../src/ir/build.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { type Graph, noOrigin, type Value } from '../../src/ir/graph.js';
import { seededTensor } from '../../src/ir/parse.js';
import { runPasses } from '../../src/ir/pass.js';
import { floatType, indexType, perTensor, quantType } from '../../src/ir/type.js';
import { topologicalOrder } from '../../src/ir/walk.js';
import { randomModel } from '../fuzz/random-models.js';

const { kernels } = loadAssets();
const chains = {
  'x86-avx512vnni': ['x86-avx512vnni', 'x86-avx2', 'scalar'],
  'x86-avx2': ['x86-avx2', 'scalar'],
  'arm-neon': ['arm-neon', 'scalar'],
  scalar: ['scalar'],
} as const;

function stored(graph: Graph, target: keyof typeof chains) {
  const edges: StoredEdge[] = [];
  const own = chains[target].flatMap((isa) => kernels.get(isa) ?? []);
  const run = runPasses(graph, [assignStorage(own, (edge) => edges.push(edge))], { rounding: 'onnx' });
  return { graph: run.graph, edges };
}

const inputsOf = (graph: Graph) => new Map(graph.inputs.map((p, i) => [p.name, seededTensor(p.type, i + 1)]));

test('random models give the same bytes, however their values lie', () => {
  let moved = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const { graph } = lowerModel({ model: randomModel(seed), fileName: 'm.onnx' });
    const want = evaluateGraph(graph, inputsOf(graph));
    for (const target of ['x86-avx512vnni', 'arm-neon'] as const) {
      const after = stored(graph, target);
      moved += after.edges.length;
      if (after.edges.length === 0) continue;
      assert.deepEqual(evaluateGraph(after.graph, inputsOf(graph)), want, `seed ${seed} on ${target}`);
    }
  }
  assert.ok(moved > 10, `${moved} values moved`);
});

const s8 = (channels: number, zero: number) => quantType('s8', [1, 6, 6, channels], perTensor(0.05, zero));

/** A 1x1 convolution of s8 to s8, 16 channels; after it the residual, if one is given. */
function pointwise(x: Value, zero: number, residual?: Value): Value {
  const w = constant('w', seededTensor(quantType('s8', [16, 1, 1, 16], perTensor(1, 0)), zero + 40));
  const bias = constant('b', { type: indexType('s32', [16]), data: new Int32Array(16).fill(77) });
  const multiplier = constant('m', { type: floatType([16]), data: new Float32Array(16).fill(0.003) });
  const attrs = {
    strides: [1, 1],
    dilations: [1, 1],
    pads: [0, 0, 0, 0],
    groups: 1,
    rounding: 'onnx' as const,
    add: residual === undefined ? ('none' as const) : ('first' as const),
    lookup: false,
    mid_element: 's8' as const,
    mid_zero: zero,
    mid_min: -128,
    mid_max: 127,
    add_a: 0.7,
    add_b: 0.6,
    add_fixed: 3.25,
    sum_element: 's8' as const,
    sum_min: -128,
    sum_max: 127,
  };
  const operands = [x, w, bias, multiplier, ...(residual === undefined ? [] : [residual])];
  return make('conv2d-requant', attrs, operands, s8(16, zero), noOrigin);
}

const x = param('x', s8(16, 3));
const a = pointwise(x, -5);
const transposed = make('transpose', { perm: [0, 2, 1, 3] }, [a], s8(16, -5), noOrigin);
const b = pointwise(transposed, 9);
const c = pointwise(b, 2, b);
const graph: Graph = { name: 'g', inputs: [x], outputs: [{ name: 'y', value: c }] };

test('values between layers move with what is copied from them; those of a residual sum and of the caller do not', () => {
  const { graph: after, edges } = stored(graph, 'x86-avx512vnni');
  const elements = topologicalOrder(after).map((n) => `${n.kind} ${n.results[0].type.element}`);
  assert.deepEqual(elements, ['conv2d-requant u8', 'transpose u8', 'conv2d-requant s8', 'conv2d-requant s8']);
  assert.equal(after.inputs[0].type, x.type);
  assert.deepEqual(after.outputs[0].value.type, c.type);
  assert.deepEqual(
    edges.map(({ value, element }) => [value.type.element, element]),
    [
      ['u8', 's8'],
      ['u8', 's8'],
    ],
  );
  assert.equal(edges[0].saves, edges[1].saves);
  assert.ok(edges[0].saves > 0);
  assert.deepEqual(evaluateGraph(after, inputsOf(graph)), evaluateGraph(graph, inputsOf(graph)));
});

test('kernels that take either element, or the one there is, leave the graph as it is', () => {
  assert.equal(stored(graph, 'scalar').graph, graph);
  assert.equal(stored(graph, 'arm-neon').graph, graph);
});

test('a bias that would leave s32 keeps its operand', () => {
  const last = pointwise(a, 1);
  if (last.kind !== 'result' || last.node.kind !== 'conv2d-requant') throw new Error('no layer');
  const [from, , , multiplier] = last.node.operands;
  const w = constant('w', {
    type: quantType('s8', [16, 1, 1, 16], perTensor(1, 0)),
    data: new Int8Array(256).fill(-1),
  });
  const huge = constant('b', { type: indexType('s32', [16]), data: new Int32Array(16).fill(2 ** 31 - 1) });
  const y = make('conv2d-requant', last.node.attrs, [from, w, huge, multiplier], last.type, noOrigin);
  const given: Graph = { name: 'g', inputs: [x], outputs: [{ name: 'y', value: y }] };
  assert.equal(stored(given, 'x86-avx512vnni').graph, given);
});
