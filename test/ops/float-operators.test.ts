// needs: c-compiler
/**
 * Reductions, normalisations, products, convolutions and pools of floats, in the spellings of every opset up to 25,
 * against ONNX Runtime. Its sums run in another order, so answers may differ by TOLERANCE of the largest element; places
 * and integers may not. The compiled code gives the interpreter's bits.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { needOnnxRuntime } from '../../src/cli/onnxruntime.js';
import { lowerModel } from '../../src/compiler.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { allocate, elements, type Tensor, type TensorData } from '../../src/ir/type.js';
import type { OnnxTensor } from '../../src/onnx/model.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { type AttributeInput, model, node, tensor, value } from '../onnx/model-builder.js';
import { compareNative, type NativeCase } from '../onnx-node/native.js';

const TOLERANCE = 2e-6;

type Attributes = Readonly<Record<string, AttributeInput>>;
/** A run-time tensor of this shape, random weights of this shape, or a constant. */
type Input = readonly number[] | { readonly weights: readonly number[] } | OnnxTensor;
interface FloatCase {
  readonly operator: string;
  readonly opset: number;
  readonly inputs: readonly Input[];
  readonly attributes: Attributes;
  readonly outputs: number;
}

function one(
  operator: string,
  opset: number,
  inputs: readonly Input[],
  attributes: Attributes = {},
  outputs = 1,
): FloatCase {
  return { operator, opset, inputs, attributes, outputs };
}

const ints = (...values: number[]) => tensor('s64', [values.length], values);

const reductions =
  'ReduceL1 ReduceL2 ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare'
    .split(' ')
    .flatMap((operator) => {
      const since = operator === 'ReduceSum' ? 13 : 18;
      return [
        one(operator, 7, [[3, 4, 5]], { axes: [1], keepdims: 0 }),
        one(operator, 11, [[3, 4, 5]], { axes: [-1, 0] }),
        one(operator, since, [[3, 4, 5], ints(-1)], { keepdims: 0 }),
        one(operator, since, [[3, 20]], { noop_with_empty_axes: 1 }),
        one(operator, 20, [[2, 3, 2, 2, 3, 2], ints(5, 1, 3)]),
        one(operator, 25, [[3, 4, 5]]),
      ];
    });

const searches = ['ArgMax', 'ArgMin'].flatMap((operator) => [
  one(operator, 7, [[3, 5, 4]], { axis: 1, keepdims: 0 }),
  one(operator, 12, [[3, 5, 4]], { axis: -1, select_last_index: 1 }),
  one(operator, 25, [[3, 5, 4]]),
]);

const rows = ['Hardmax', 'LogSoftmax', 'Softmax'].flatMap((operator) => [
  one(operator, 7, [[2, 3, 5]]),
  one(operator, 11, [[2, 3, 5]], { axis: -2 }),
  one(operator, 13, [[2, 3, 5]]),
  one(operator, 25, [[2, 3, 5]], { axis: 1 }),
]);

const normalisations = [
  one('LayerNormalization', 17, [[2, 3, 20], { weights: [20] }, { weights: [20] }], { epsilon: 0.01 }),
  one('LayerNormalization', 25, [[2, 3, 4], { weights: [3, 4] }], { axis: 1 }),
  one(
    'LayerNormalization',
    17,
    [
      [2, 3, 4],
      [3, 4],
      [3, 4],
    ],
    { axis: -2 },
    3,
  ),
  one('GroupNormalization', 18, [[2, 4, 3, 5], { weights: [2] }, { weights: [2] }], { num_groups: 2 }),
  one('GroupNormalization', 21, [[2, 4, 6], { weights: [4] }, { weights: [4] }], { num_groups: 2, epsilon: 0.01 }),
  one('InstanceNormalization', 7, [[2, 3, 7], { weights: [3] }, { weights: [3] }], { epsilon: 0.01 }),
  one('InstanceNormalization', 22, [[2, 3, 4, 5], [3], [3]]),
  one('RMSNormalization', 23, [[2, 3, 20], { weights: [20] }]),
  one('MeanVarianceNormalization', 9, [[2, 3, 4, 5]]),
  one('MeanVarianceNormalization', 13, [[2, 3, 4, 5]], { axes: [-2, 1] }),
  one('LpNormalization', 7, [[3, 4, 5]], { axis: 1, p: 1 }),
  one('LpNormalization', 22, [[3, 4, 5]]),
  one('LRN', 13, [[2, 7, 3, 4]], { size: 5, alpha: { float: 0.3 }, beta: { float: 0.6 }, bias: { float: 1.5 } }),
];

const products = [
  ...[
    [[4], [4]],
    [[4], [4, 5]],
    [[2, 3, 4], [4]],
    [
      [3, 4],
      [2, 4, 5],
    ],
    [
      [2, 1, 3, 4],
      [5, 4, 6],
    ],
  ].flatMap(([a, b]) => [
    one('MatMul', 7, [a, b]),
    one('MatMul', 13, [a, { weights: b }]),
    one('MatMul', 13, [{ weights: a }, b]),
  ]),
  one('Gemm', 7, [[3, 4], [4, 5], [5]]),
  one(
    'Gemm',
    13,
    [
      [4, 3],
      [5, 4],
      [3, 1],
    ],
    { transA: 1, transB: 1, alpha: { float: 0.5 }, beta: { float: 2 } },
  ),
  one('Gemm', 13, [[4, 3], { weights: [4, 5] }, { weights: [1] }], { transA: 1, beta: { float: 0.3 } }),
  one('Gemm', 13, [[3, 4], { weights: [5, 4] }], { transB: 1, alpha: { float: -1 } }),
];

const image = [1, 4, 7, 8];
const convolutions = [
  one('Conv', 7, [[2, 3, 9], { weights: [4, 3, 3] }], { pads: [1, 2], strides: [2] }),
  one('Conv', 11, [image, { weights: [6, 2, 3, 2] }, { weights: [6] }], { group: 2, dilations: [2, 3] }),
  one('Conv', 11, [image, { weights: [4, 1, 3, 3] }], { group: 4, pads: [1, 0, 2, 1] }),
  one('Conv', 22, [image, [3, 4, 3, 2]], { auto_pad: 'SAME_LOWER', strides: [2, 3] }),
  one('ConvTranspose', 7, [[2, 3, 5], { weights: [3, 4, 3] }], { pads: [1, 2], strides: [2] }),
  one('ConvTranspose', 11, [image, { weights: [4, 3, 3, 3] }, { weights: [6] }], { group: 2, strides: [2, 3] }),
  one('ConvTranspose', 11, [image, { weights: [4, 2, 3, 3] }], {
    dilations: [2, 1],
    output_padding: [1, 0],
    strides: [3, 1],
  }),
  one('ConvTranspose', 11, [image, { weights: [4, 2, 3, 2] }], { auto_pad: 'SAME_UPPER', strides: [2, 3] }),
  one('ConvTranspose', 22, [image, [4, 2, 3, 3]], { output_shape: [14, 18], strides: [2, 2] }),
];

const window = { kernel_shape: [3, 2], strides: [2, 3], pads: [1, 1, 1, 0] };
const pools = [
  ...['AveragePool', 'MaxPool'].flatMap((operator) => [
    one(operator, 7, [image], window),
    one(operator, 10, [[1, 2, 9]], { kernel_shape: [4], strides: [3], ceil_mode: 1 }),
    one(operator, 11, [image], { kernel_shape: [3, 2], auto_pad: 'SAME_LOWER' }),
    one(operator, 22, [image], { ...window, dilations: [2, 3], ceil_mode: 1 }),
  ]),
  one('AveragePool', 11, [image], { ...window, count_include_pad: 1 }),
  one('AveragePool', 19, [image], { ...window, strides: [3, 3], count_include_pad: 1, ceil_mode: 1 }),
  one('MaxPool', 8, [image], { ...window, storage_order: 1 }, 2),
  one('MaxPool', 12, [[2, 3, 9]], { kernel_shape: [3] }, 2),
  one('GlobalAveragePool', 7, [[2, 3, 2, 3, 4]]),
  one('GlobalMaxPool', 22, [[2, 3, 9]]),
];

/** Numbers between -4 and 4, the same in every run. */
function random(data: TensorData, seed: number): void {
  let state = seed * 7919;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    data[i] = Math.fround(((state >>> 8) & 65535) / 8192 - 4);
  }
}

function isShape(input: Input): input is readonly number[] {
  return Array.isArray(input);
}

function modelOf(c: FloatCase): Uint8Array {
  const initializers: Record<string, OnnxTensor> = {};
  for (const [i, input] of c.inputs.entries()) {
    if (isShape(input)) continue;
    if ('weights' in input) {
      const data = new Float32Array(elements(input.weights));
      random(data, i + 20);
      initializers[`x${i}`] = tensor('f32', input.weights, [...data]);
    } else initializers[`x${i}`] = input;
  }
  const outputs = Array.from({ length: c.outputs }, (_, i) => `y${i}`);
  const isPlace = (i: number) => /^Arg/.test(c.operator) || (c.operator === 'MaxPool' && i === 1);
  return model({
    opset: c.opset,
    inputs: c.inputs.flatMap((input, i) => (isShape(input) ? [value(`x${i}`, 'f32', input)] : [])),
    outputs: outputs.map((name, i) => ({ name, elemType: isPlace(i) ? 's64' : 'f32', dims: undefined })),
    nodes: [
      node(
        c.operator,
        c.inputs.map((_, i) => `x${i}`),
        outputs,
        c.attributes,
      ),
    ],
    initializers,
  });
}

/** What is wrong with `got`, if anything. */
function difference(got: TensorData, want: TensorData): string | undefined {
  if (got.length !== want.length) return `${got.length} elements for ${want.length}`;
  if (!(got instanceof Float32Array && want instanceof Float32Array)) {
    const at = [...got].findIndex((v, i) => v !== want[i]);
    return at < 0 ? undefined : `element ${at} is ${got[at]}, expected ${want[at]}`;
  }
  const limit = TOLERANCE * want.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
  const at = got.findIndex((v, i) => !(Math.abs(v - want[i]) <= limit));
  return at < 0 ? undefined : `element ${at} is ${got[at]}, expected ${want[at]} within ${limit}`;
}

const runtime = await needOnnxRuntime();
const compiled: NativeCase[] = [];

for (const c of [...reductions, ...searches, ...rows, ...normalisations, ...products, ...convolutions, ...pools]) {
  const shapes = c.inputs.map((i) => (isShape(i) ? i : 'weights' in i ? i.weights : i.dims));
  const name = `${c.operator} of opset ${c.opset}: ${JSON.stringify([shapes, c.attributes])}`;
  test(name, async () => {
    const bytes = modelOf(c);
    const lowered = lowerModel({ model: bytes, fileName: 'float.onnx' });
    const inputs = lowered.graph.inputs.map((p, i): Tensor => {
      const data = allocate(p.type);
      random(data, i + 1);
      return { type: p.type, data };
    });
    const judge = await runtime.open(bytes, 'exact');
    const want = await judge.run(lowered.graph.inputs.map((p, i) => ({ name: p.name, tensor: inputs[i] })));
    await judge.release();
    const values = new Map(lowered.graph.inputs.map((p, i) => [p.name, inputs[i]]));
    const source = evaluateGraph(lowered.source, values);
    const outputs = evaluateGraph(lowered.graph, values);
    for (const [output, answer] of outputs) {
      const expected = want.get(output);
      assert.ok(expected !== undefined, output);
      assert.equal(difference(answer.data, expected), undefined, output);
      assert.deepEqual(answer.data, source.get(output)?.data, `${output}: the passes change it`);
    }
    compiled.push({ name, lowered, inputs, outputs: [...outputs.values()] });
  });
}

test('the compiled code gives the same bits', async () => {
  assert.ok(compiled.length > 100, `${compiled.length} cases`);
  const answers = await compareNative(compiled, findTarget(loadTargets(), 'scalar'), loadAssets());
  assert.deepEqual(
    answers.flatMap((why, i) => (why === undefined ? [] : [`${compiled[i].name}: ${why}`])),
    [],
  );
});
