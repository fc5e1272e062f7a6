/**
 * One quantized meaning in every producer's dialect: the internal form (the .qir text, but for names and origins) and the
 * bytes are the same.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { lowerModel } from '../../src/compiler.js';
import { QccError } from '../../src/diagnostics/diagnostic.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { printGraph } from '../../src/ir/print.js';
import type { OnnxNode, OnnxTensor } from '../../src/onnx/model.js';
import { model, node, tensor, value } from './model-builder.js';

interface Dialect {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: Readonly<Record<string, OnnxTensor>>;
}

const f = Math.fround;
const [sx, sy, sz, sp] = [0.05, 0.04, 0.06, 0.03].map(f);
const [zx, zy, zz, zp] = [117, 0, 131, 9];
const range = (n: number, fn: (i: number) => number) => Array.from({ length: n }, (_, i) => fn(i));
const stored1 = range(4 * 4 * 9, (i) => ((i * 37) % 255) - 127);
const stored2 = range(4 * 4, (i) => ((i * 91) % 255) - 127);
const scales1 = range(4, (i) => f(0.003 * (i + 1)));
const scales2 = range(4, (i) => f(0.011 + 0.001 * i));
const bias1 = [100, -250, 3, 77];
const bias2 = [-9, 12, 4000, 1];

/** Reals that the stored weights and biases mean. */
const reals = (stored: readonly number[], scales: readonly number[]) =>
  stored.map((q, i) => f(q * scales[Math.floor((i * scales.length) / stored.length)]));
const biasScales = (s: number, scales: readonly number[]) => scales.map((w) => f(s * w));

const common = {
  sx: tensor('f32', [], [sx]),
  zx: tensor('u8', [], [zx]),
  sy: tensor('f32', [], [sy]),
  zy: tensor('u8', [], [zy]),
  sz: tensor('f32', [], [sz]),
  zz: tensor('u8', [], [zz]),
  sp: tensor('f32', [], [sp]),
  zp: tensor('u8', [], [zp]),
  s1: tensor('f32', [4], scales1),
  s2: tensor('f32', [4], scales2),
  zw: tensor('s8', [4], [0, 0, 0, 0]),
};
const integers = {
  w1: tensor('s8', [4, 4, 3, 3], stored1),
  w2: tensor('s8', [4, 4, 1, 1], stored2),
  b1: tensor('s32', [4], bias1),
  b2: tensor('s32', [4], bias2),
};
const floats = {
  w1: tensor('f32', [4, 4, 3, 3], reals(stored1, scales1)),
  w2: tensor('f32', [4, 4, 1, 1], reals(stored2, scales2)),
  b1: tensor('f32', [4], reals(bias1, biasScales(sx, scales1))),
  b2: tensor('f32', [4], reals(bias2, biasScales(sy, scales2))),
};

const q = (x: string, name: string, y: string) => node('QuantizeLinear', [x, `s${name}`, `z${name}`], [y]);
const dq = (x: string, name: string, y: string) => node('DequantizeLinear', [x, `s${name}`, `z${name}`], [y]);
const pair = (x: string, name: string, y: string) => [q(x, name, `${y}_q`), dq(`${y}_q`, name, y)];
const weights = (x: string, name: string, y: string) =>
  node('DequantizeLinear', [x, `s${name}`, 'zw'], [y], { axis: 0 });

/** conv 3x3 + Relu, conv 1x1, their sum, global average: between Q/DQ pairs that `parts` spells. */
function network(parts: {
  readonly weights: readonly OnnxNode[];
  readonly bias: readonly [string, string];
  readonly between: (x: string, name: string, y: string) => readonly OnnxNode[];
  readonly second: string;
}): readonly OnnxNode[] {
  return [
    ...parts.between('x', 'x', 'xr'),
    ...parts.weights,
    node('Conv', ['xr', 'w1r', parts.bias[0]], ['c1'], { pads: [1, 1, 1, 1] }),
    node('Relu', ['c1'], ['r1']),
    ...parts.between('r1', 'y', 'y1'),
    ...(parts.second === 'y1' ? [] : parts.between('r1', 'y', parts.second)),
    node('Conv', ['y1', 'w2r', parts.bias[1]], ['c2']),
    ...parts.between('c2', 'z', 'z2'),
    node('Add', [parts.second, 'z2'], ['a']),
    ...parts.between('a', 'z', 'ar'),
    node('GlobalAveragePool', ['ar'], ['g']),
    ...parts.between('g', 'p', 'out'),
  ];
}

const integerWeights = [weights('w1', '1', 'w1r'), weights('w2', '2', 'w2r')];
const integerBias = [
  node('DequantizeLinear', ['b1', 'sb1', 'zb'], ['b1r'], { axis: 0 }),
  node('DequantizeLinear', ['b2', 'sb2', 'zb'], ['b2r'], { axis: 0 }),
];
const biasConstants = {
  sb1: tensor('f32', [4], biasScales(sx, scales1)),
  sb2: tensor('f32', [4], biasScales(sy, scales2)),
  zb: tensor('s32', [4], [0, 0, 0, 0]),
};
const floatWeights = ['1', '2'].flatMap((i) => [
  node('QuantizeLinear', [`w${i}`, `s${i}`, 'zw'], [`w${i}q`], { axis: 0 }),
  weights(`w${i}q`, i, `w${i}r`),
]);

const dialects: Readonly<Record<string, Dialect>> = {
  'onnxruntime QDQ': {
    nodes: network({ weights: [...integerWeights, ...integerBias], bias: ['b1r', 'b2r'], between: pair, second: 'y1' }),
    initializers: { ...common, ...integers, ...biasConstants },
  },
  'onnxruntime QDQ, a pair for each reader': {
    nodes: network({ weights: [...integerWeights, ...integerBias], bias: ['b1r', 'b2r'], between: pair, second: 'y2' }),
    initializers: { ...common, ...integers, ...biasConstants },
  },
  'PyTorch: float weights and biases, fake-quant as Q to DQ': {
    nodes: network({ weights: floatWeights, bias: ['b1', 'b2'], between: pair, second: 'y1' }),
    initializers: { ...common, ...floats },
  },
  'TensorRT: integer weights, float biases': {
    nodes: network({ weights: integerWeights, bias: ['b1', 'b2'], between: pair, second: 'y1' }),
    initializers: { ...common, ...integers, b1: floats.b1, b2: floats.b2 },
  },
  'Brevitas QCDQ: an integer Clip of the whole range': {
    nodes: network({
      weights: integerWeights,
      bias: ['b1', 'b2'],
      between: (x, name, y) => [
        q(x, name, `${y}_q`),
        node('Clip', [`${y}_q`, 'low', 'high'], [`${y}_c`]),
        dq(`${y}_c`, name, y),
      ],
      second: 'y1',
    }),
    initializers: {
      ...common,
      ...integers,
      b1: floats.b1,
      b2: floats.b2,
      low: tensor('u8', [], [0]),
      high: tensor('u8', [], [255]),
    },
  },
  QOperator: {
    nodes: [
      q('x', 'x', 'xq'),
      node('QLinearConv', ['xq', 'sx', 'zx', 'w1', 's1', 'zw', 'sy', 'zy', 'b1'], ['y1'], { pads: [1, 1, 1, 1] }),
      node('QLinearConv', ['y1', 'sy', 'zy', 'w2', 's2', 'zw', 'sz', 'zz', 'b2'], ['z2']),
      node('com.microsoft:QLinearAdd', ['y1', 'sy', 'zy', 'z2', 'sz', 'zz', 'sz', 'zz'], ['a']),
      node('com.microsoft:QLinearGlobalAveragePool', ['a', 'sz', 'zz', 'sp', 'zp'], ['g'], { channels_last: 0 }),
      dq('g', 'p', 'out'),
    ],
    initializers: { ...common, ...integers },
  },
};

function lowered(dialect: Dialect) {
  const bytes = model({
    inputs: [value('x', 'f32', [1, 4, 6, 5])],
    outputs: [value('out', 'f32', [1, 4, 1, 1])],
    nodes: dialect.nodes,
    initializers: dialect.initializers,
    domains: { 'com.microsoft': 1 },
  });
  return lowerModel({ model: bytes, fileName: 'dialect.onnx' }, { name: 'dialect' }).graph;
}

/** The .qir text without names and origins. */
function form(dialect: Dialect): string {
  return printGraph(lowered(dialect))
    .replace(/\s*\/\/ .*$/gm, '')
    .replace(/@("[^"]*"|[\w./]+)/g, '@');
}

const input = Float32Array.from({ length: 120 }, (_, i) => Math.sin(i * 1.7) * 6);
const [first, ...others] = Object.entries(dialects);
const expected = form(first[1]);

test('the internal form has no float convolution left', () => {
  assert.match(expected, /conv2d-requant/);
  assert.doesNotMatch(expected, /binary|conv2d\(/);
});

for (const [name, dialect] of others)
  test(`${name}: the same form and bytes as ${first[0]}`, () => {
    assert.equal(form(dialect), expected);
    const run = (d: Dialect) => {
      const graph = lowered(d);
      return evaluateGraph(graph, new Map([['x', { type: graph.inputs[0].type, data: input }]])).get('out')?.data;
    };
    assert.deepEqual(run(dialect), run(first[1]));
  });

test('an integer Clip to 0..127 narrows the range of what follows: seven bits of activation', () => {
  const nodes = [
    q('x', 'x', 'xq'),
    node('Clip', ['xq', 'low', 'high'], ['xc']),
    dq('xc', 'x', 'xr'),
    ...integerWeights.slice(0, 1),
    node('Conv', ['xr', 'w1r'], ['c1']),
    ...pair('c1', 'y', 'out'),
  ];
  const bytes = model({
    inputs: [value('x', 'f32', [1, 4, 6, 5])],
    outputs: ['out'],
    nodes,
    initializers: { ...common, ...integers, low: tensor('u8', [], [0]), high: tensor('u8', [], [127]) },
  });
  const { graph } = lowerModel({ model: bytes, fileName: 'clip.onnx' }, { name: 'clip' });
  assert.match(printGraph(graph), /quantize.*u8\[1,6,5,4\].* in 0\.\.127/);
});

test('an accumulator that can leave int32 is a coded error', () => {
  const bytes = model({
    inputs: [value('x', 'u8', [1, 4, 6, 5])],
    outputs: ['y'],
    nodes: [node('QLinearConv', ['x', 'sx', 'zx', 'w1', 's1', 'zw', 'sy', 'zy', 'b1'], ['y'])],
    initializers: { ...common, ...integers, b1: tensor('s32', [4], [0, 2147483000, 0, 0]) },
  });
  assert.throws(
    () => lowerModel({ model: bytes, fileName: 'big.onnx' }, { name: 'big' }),
    (e: unknown) =>
      e instanceof QccError && e.diagnostics.some((d) => d.code === 'Q0310' && /channel 1/.test(d.message)),
  );
});
