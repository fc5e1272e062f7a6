/** Channels change places only where nobody but the compiler can see it, neighbours then fit 16 bits, and the answers are the same. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { orderChannels } from '../../passes/order-channels.js';
import { loadAssets } from '../../src/assets.js';
import { constant, make, param } from '../../src/ir/build.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { type Graph, noOrigin, type Value } from '../../src/ir/graph.js';
import { seededTensor } from '../../src/ir/parse.js';
import { runPasses } from '../../src/ir/pass.js';
import { floatType, indexType, numberData, perTensor, quantType, unitAffine } from '../../src/ir/type.js';
import { topologicalOrder } from '../../src/ir/walk.js';
import { octPlan } from '../../src/program/octs.js';

const { kernels } = loadAssets();
const avx2 = kernels.get('x86-avx2') ?? [];
const act = (c: number, size = 6) => quantType('u8', [1, size, size, c], perTensor(0.05, 3));

interface Options {
  readonly kernel?: number;
  readonly stride?: number;
  readonly residual?: Value;
  /** A weight of eleven is too large for most partners. */
  readonly isRough?: boolean;
  /** Of 127, the largest weight. */
  readonly share?: number;
}

let seed = 1;
/** A convolution of x to `oc` channels; depthwise where `oc` is 0. */
function conv(
  name: string,
  x: Value,
  oc: number,
  { kernel = 1, stride = 1, residual, isRough = false, share = 0.3 }: Options = {},
): Value {
  const [, size, , c] = x.type.shape;
  const [out, cg, groups] = oc === 0 ? [c, 1, c] : [oc, c, 1];
  const values = numberData(seededTensor(quantType('s8', [out, kernel, kernel, cg], unitAffine), seed++));
  const w = Int8Array.from(values, (v) => (isRough && v % 11 === 0 ? Math.sign(v) * 110 : Math.round(v * share)));
  const bias = Int32Array.from({ length: out }, (_, o) => 900 * o - 7000);
  const multiplier = Float32Array.from({ length: out }, (_, o) => Math.fround(0.002 + 0.0001 * o));
  const attrs = {
    strides: [stride, stride],
    dilations: [1, 1],
    pads: [kernel >> 1, kernel >> 1, kernel >> 1, kernel >> 1],
    groups,
    rounding: 'onnx' as const,
    add: residual === undefined ? ('none' as const) : ('first' as const),
    lookup: false,
    mid_element: 'u8' as const,
    mid_zero: 3,
    mid_min: 0,
    mid_max: 255,
    add_a: 0.5,
    add_b: 0.75,
    add_fixed: 1,
    sum_element: 'u8' as const,
    sum_min: 0,
    sum_max: 255,
  };
  const operands = [
    x,
    constant('w', { type: quantType('s8', [out, kernel, kernel, cg], unitAffine), data: w }),
    constant('b', { type: indexType('s32', [out]), data: bias }),
    constant('m', { type: floatType([out]), data: multiplier }),
    ...(residual === undefined ? [] : [residual]),
  ];
  return make('conv2d-requant', attrs, operands, act(out, Math.ceil(size / stride)), { ...noOrigin, names: [name] });
}

const input = () => param('x', act(8));
const graphOf = (x: Graph['inputs'][number], ...values: Value[]): Graph => ({
  name: 'g',
  inputs: [x],
  outputs: values.map((value, i) => ({ name: `y${i}`, value })),
});
const ordered = (graph: Graph, of = avx2) => runPasses(graph, [orderChannels(of)], { rounding: 'onnx' });

function answers(graph: Graph): number[][] {
  const x = seededTensor(act(8), 5);
  const outputs = evaluateGraph(graph, new Map([['x', x]]));
  return [...outputs.values()].map((t) => [...numberData(t)]);
}

/** Pairs of neighbours that exceed 128 in the weights of this name. */
function unsafePairs(graph: Graph, name: string): number {
  const node = topologicalOrder(graph).find((n) => n.origin.names.includes(name));
  const w = node?.operands[1];
  assert.ok(w?.kind === 'const');
  const data = numberData(w.tensor);
  const c = w.type.shape[3];
  let unsafe = 0;
  for (let row = 0; row < data.length; row += c)
    for (let i = row; i + 1 < row + c; i += 2)
      if (data[i] * data[i + 1] > 0 && Math.abs(data[i] + data[i + 1]) > 128) unsafe++;
  return unsafe;
}

/** Expand, depthwise, project and add: MobileNetV2's. */
function bottleneck(isRough: boolean): Graph {
  const x = input();
  const wide = conv('expand', x, 48);
  const deep = conv('deep', wide, 0, { kernel: 3 });
  return graphOf(x, conv('project', deep, 8, { residual: x, isRough }));
}

test('behind a depthwise convolution all pairs fit, in one order of three layers', () => {
  const graph = bottleneck(true);
  assert.ok(unsafePairs(graph, 'project') > 0);
  const { graph: after, notes } = ordered(graph);
  assert.equal(unsafePairs(after, 'project'), 0);
  assert.deepEqual(answers(after), answers(graph));
  assert.deepEqual(notes.map(({ text }) => text.slice(0, text.indexOf(':'))).sort(), ['"deep"', '"expand"']);
  assert.equal(new Set(notes.map(({ text }) => text.slice(text.indexOf(':')))).size, 1);
});

/** Steps of 4 inputs in which no pair exceeds 128 in a panel of 16 outputs. */
function plainSteps(graph: Graph, name: string): number {
  const w = topologicalOrder(graph).find((n) => n.origin.names.includes(name))?.operands[1];
  assert.ok(w?.kind === 'const');
  const { plainOcts, plainAlone } = octPlan(w.tensor, 1);
  return 2 * plainOcts + plainAlone;
}

test('where no order suits all outputs, one in which more steps fit panels of 16, as the next order leaves them', () => {
  const x = input();
  const first = conv('first', conv('wide', x, 64), 64, { share: 0.7 });
  const graph = graphOf(x, conv('second', conv('deep', first, 0, { kernel: 3 }), 64, { share: 0.7 }));
  const { graph: after, notes } = ordered(graph);
  assert.deepEqual(notes.map(({ text }) => text.slice(0, text.indexOf(':'))).sort(), ['"deep"', '"first"', '"wide"']);
  for (const name of ['first', 'second']) assert.ok(plainSteps(after, name) > plainSteps(graph, name) + 6, name);
  assert.deepEqual(answers(after), answers(graph));
  const pairsAlone = avx2.filter(({ needs }) => !needs.includes('OCTS_FIT_S16'));
  assert.equal(ordered(graph, pairsAlone).notes.length, 0);
});

test('nothing is moved for kernels without pairs, and where pairs fit as they lie', () => {
  for (const isa of ['x86-avx512vnni', 'neon', 'scalar'])
    assert.equal(ordered(bottleneck(true), kernels.get(isa) ?? []).notes.length, 0, isa);
  assert.equal(ordered(bottleneck(false)).notes.length, 0);
});

test('two convolutions read one tensor: an order for both, or for the larger one', () => {
  const x = input();
  const wide = conv('wide', x, 40);
  const graph = graphOf(x, conv('a', wide, 6, { isRough: true }), conv('b', wide, 12, { isRough: true, stride: 2 }));
  const { graph: after, notes } = ordered(graph);
  assert.equal(notes.length, 1);
  assert.ok(unsafePairs(after, 'a') < unsafePairs(graph, 'a') / 4);
  assert.ok(unsafePairs(after, 'b') < unsafePairs(graph, 'b') / 4);
  assert.deepEqual(answers(after), answers(graph));
});

test('channels that anybody else reads stay', () => {
  const x = input();
  const wide = conv('wide', x, 8);
  const made = conv('added', x, 8, { residual: x });
  const seen: readonly (readonly [string, Graph])[] = [
    ['an output of the model', graphOf(x, conv('r', wide, 8, { isRough: true }), wide)],
    ['a residual', graphOf(x, conv('r', wide, 8, { isRough: true, residual: wide }))],
    ['made with a residual', graphOf(x, conv('r', made, 8, { isRough: true }))],
    ['the input', graphOf(x, conv('r', x, 8, { isRough: true }))],
    ['two roads', graphOf(x, conv('r', conv('d', wide, 0, { kernel: 3 }), 8, { isRough: true }), conv('s', wide, 8))],
  ];
  for (const [what, graph] of seen) {
    const { graph: after, notes } = ordered(graph);
    assert.deepEqual(answers(after), answers(graph), what);
    assert.ok(!notes.some(({ text }) => text.startsWith('"d"') || (what !== 'two roads' && text !== '')), what);
  }
});

test('an odd number of channels: the last has no neighbour', () => {
  const x = input();
  const graph = graphOf(x, conv('r', conv('wide', x, 21), 8, { isRough: true }));
  const { graph: after, notes } = ordered(graph);
  assert.equal(notes.length, 1);
  assert.equal(unsafePairs(after, 'r'), 0);
  assert.deepEqual(answers(after), answers(graph));
});
