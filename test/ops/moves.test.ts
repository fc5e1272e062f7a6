// needs: c-compiler
/**
 * Operators that move elements, in the spellings of every opset up to 25, against ONNX Runtime: as float, as 64-bit
 * integers, and between Q/DQ pairs with one scale and with two. Everything is equal to the bit. Between equal scales no
 * float is left: the stored integers move.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { needOnnxRuntime, proveExact } from '../../src/cli/onnxruntime.js';
import { type Lowered, lowerModel } from '../../src/compiler.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { allocate, type Tensor } from '../../src/ir/type.js';
import { topologicalOrder } from '../../src/ir/walk.js';
import type { OnnxTensor } from '../../src/onnx/model.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { type AttributeInput, model, node, tensor, value } from '../onnx/model-builder.js';
import { compareNative, type NativeCase } from '../onnx-node/native.js';

interface MoveCase {
  readonly operator: string;
  readonly opset: number;
  /** Shapes of the tensors that are moved. */
  readonly shapes: readonly (readonly number[])[];
  readonly attributes?: Readonly<Record<string, AttributeInput>>;
  /** Inputs behind them; null is an absent one. */
  readonly constants?: readonly (OnnxTensor | null)[];
  readonly outputs?: number;
  /** Interpolates: floats only. */
  readonly isFloat?: true;
}

const ints = (...values: number[]) => tensor('s64', [values.length], values);
const floats = (...values: number[]) => tensor('f32', [values.length], values);
const scalar = (v: number) => tensor('f32', [], [v]);
const image = [[1, 3, 6, 8]];

const cases: readonly MoveCase[] = [
  {
    operator: 'Concat',
    opset: 13,
    shapes: [
      [1, 2, 5, 4],
      [1, 3, 5, 4],
      [1, 1, 5, 4],
    ],
    attributes: { axis: 1 },
  },
  {
    operator: 'Concat',
    opset: 13,
    shapes: [
      [2, 3],
      [2, 4],
    ],
    attributes: { axis: -1 },
  },
  { operator: 'Split', opset: 11, shapes: image, attributes: { axis: 3, split: [1, 5, 2] }, outputs: 3 },
  { operator: 'Split', opset: 13, shapes: image, attributes: { axis: 2 }, constants: [ints(4, 2)], outputs: 2 },
  { operator: 'Split', opset: 18, shapes: [[7, 2]], attributes: { num_outputs: 3 }, outputs: 3 },
  { operator: 'Slice', opset: 9, shapes: image, attributes: { starts: [1, -3], ends: [99, -1], axes: [2, 3] } },
  { operator: 'Slice', opset: 13, shapes: image, constants: [ints(-1, 6), ints(-99, 0), ints(2, 3), ints(-2, -3)] },
  { operator: 'Slice', opset: 13, shapes: [[5, 4]], constants: [ints(3), ints(2)] },
  { operator: 'Pad', opset: 10, shapes: image, attributes: { pads: [0, 0, 1, 2, 0, 0, 3, 0], value: { float: 0.5 } } },
  { operator: 'Pad', opset: 13, shapes: image, constants: [ints(0, 0, 1, 2, 0, 0, 3, -1)] },
  {
    operator: 'Pad',
    opset: 13,
    shapes: image,
    attributes: { mode: 'reflect' },
    constants: [ints(0, 0, 2, 1, 0, 0, 3, 4)],
  },
  {
    operator: 'Pad',
    opset: 13,
    shapes: image,
    attributes: { mode: 'edge' },
    constants: [ints(0, 1, 2, 1, 0, 0, 3, 4)],
  },
  { operator: 'Pad', opset: 18, shapes: image, constants: [ints(1, 2), null, ints(-2)] },
  { operator: 'Pad', opset: 19, shapes: image, attributes: { mode: 'wrap' }, constants: [ints(3, 2), null, ints(3)] },
  { operator: 'Pad', opset: 25, shapes: image, constants: [ints(1, 2, 3, 4), null, ints(2, 3)] },
  { operator: 'Expand', opset: 13, shapes: [[3, 1, 4]], constants: [ints(2, 1, 5, 1)] },
  { operator: 'Tile', opset: 13, shapes: image, constants: [ints(2, 1, 3, 2)] },
  {
    operator: 'Gather',
    opset: 13,
    shapes: image,
    attributes: { axis: 3 },
    constants: [tensor('s64', [2, 2], [0, -1, 3, 3])],
  },
  { operator: 'Gather', opset: 13, shapes: image, attributes: { axis: 1 }, constants: [tensor('s64', [], [2])] },
  { operator: 'ReverseSequence', opset: 10, shapes: [[5, 3, 4]], constants: [ints(5, 2, 1)] },
  { operator: 'ReverseSequence', opset: 10, shapes: [[6, 2, 3]], constants: [ints(6, 6)] },
  {
    operator: 'ReverseSequence',
    opset: 10,
    shapes: [[3, 7]],
    attributes: { batch_axis: 0, time_axis: 1 },
    constants: [ints(4, 7, 3)],
  },
  { operator: 'Transpose', opset: 25, shapes: image, attributes: { perm: [3, 1, 0, 2] } },
  { operator: 'Reshape', opset: 14, shapes: image, attributes: { allowzero: 0 }, constants: [ints(0, -1, 4)] },
  { operator: 'Reshape', opset: 25, shapes: [[2, 0, 3]], attributes: { allowzero: 1 }, constants: [ints(3, 0, 2)] },
  { operator: 'Squeeze', opset: 11, shapes: [[1, 3, 1, 2]], attributes: { axes: [-2] } },
  { operator: 'Squeeze', opset: 23, shapes: [[1, 3, 1, 2]] },
  { operator: 'Unsqueeze', opset: 24, shapes: [[3, 2]], constants: [ints(-1, 0)] },
  { operator: 'Flatten', opset: 25, shapes: image, attributes: { axis: -2 } },
  { operator: 'DepthToSpace', opset: 13, shapes: [[2, 8, 3, 5]], attributes: { blocksize: 2 } },
  { operator: 'DepthToSpace', opset: 13, shapes: [[1, 18, 2, 3]], attributes: { blocksize: 3, mode: 'CRD' } },
  { operator: 'SpaceToDepth', opset: 13, shapes: [[2, 3, 4, 6]], attributes: { blocksize: 2 } },
  { operator: 'Upsample', opset: 7, shapes: image, attributes: { scales: { floats: [1, 1, 2, 3] } } },
  { operator: 'Upsample', opset: 9, shapes: image, constants: [floats(1, 1, 2, 1.5)] },
  { operator: 'Resize', opset: 10, shapes: image, constants: [floats(1, 1, 0.6, 1.7)] },
  ...['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric', 'tf_half_pixel_for_nn'].flatMap((mode) =>
    ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'].flatMap((nearest): MoveCase[] => {
      const attributes = { coordinate_transformation_mode: mode, nearest_mode: nearest };
      return [
        { operator: 'Resize', opset: 11, shapes: image, attributes, constants: [floats(), floats(1, 1, 2, 0.7)] },
        { operator: 'Resize', opset: 13, shapes: image, attributes, constants: [null, null, ints(1, 3, 4, 13)] },
      ];
    }),
  ),
  ...['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric'].flatMap((mode): MoveCase[] => {
    const attributes = { coordinate_transformation_mode: mode, mode: 'linear' };
    return [
      {
        operator: 'Resize',
        opset: 13,
        shapes: image,
        attributes,
        constants: [null, floats(1, 1, 2, 0.7)],
        isFloat: true,
      },
      {
        operator: 'Resize',
        opset: 18,
        shapes: image,
        attributes,
        constants: [null, null, ints(1, 3, 4, 13)],
        isFloat: true,
      },
    ];
  }),
  {
    operator: 'Resize',
    opset: 10,
    shapes: image,
    attributes: { mode: 'linear' },
    constants: [floats(1, 1, 2, 2)],
    isFloat: true,
  },
  { operator: 'Resize', opset: 18, shapes: image, attributes: { axes: [3, 2] }, constants: [null, floats(2, 3)] },
  {
    operator: 'Resize',
    opset: 18,
    shapes: image,
    attributes: { axes: [2, 3], keep_aspect_ratio_policy: 'not_larger' },
    constants: [null, null, ints(9, 20)],
  },
  {
    operator: 'Resize',
    opset: 19,
    shapes: image,
    attributes: {
      axes: [2, 3],
      keep_aspect_ratio_policy: 'not_smaller',
      coordinate_transformation_mode: 'half_pixel_symmetric',
    },
    constants: [null, null, ints(9, 20)],
  },
  {
    operator: 'Resize',
    opset: 13,
    shapes: image,
    attributes: {
      mode: 'linear',
      coordinate_transformation_mode: 'tf_crop_and_resize',
      extrapolation_value: { float: 7.5 },
    },
    constants: [floats(0, 0, 0.25, -0.1, 1, 1, 0.8, 1.2), null, ints(1, 3, 5, 7)],
    isFloat: true,
  },
];

type Form = 'f32' | 's64' | 'one scale' | 'two scales';

/** Input bytes of a case in one form. */
function modelOf(c: MoveCase, form: Form): Uint8Array {
  const element = form === 'f32' || form === 's64' ? form : 'u8';
  const initializers: Record<string, OnnxTensor> = {
    scale: scalar(0.1),
    other: scalar(0.07),
    zero: tensor('u8', [], [130]),
  };
  for (const [i, constant] of (c.constants ?? []).entries()) if (constant !== null) initializers[`c${i}`] = constant;
  const behind = (c.constants ?? []).map((constant, i) => (constant === null ? '' : `c${i}`));
  const inputs = c.shapes.map((shape, i) => value(`x${i}`, element, shape));
  const outputs = Array.from({ length: c.outputs ?? 1 }, (_, i) => `y${i}`);
  const isQuantized = element === 'u8';
  const real = (name: string) => (isQuantized ? `${name}_real` : name);
  const nodes = [
    node(c.operator, [...inputs.map((x) => real(x.name)), ...behind], outputs.map(real), c.attributes ?? {}),
  ];
  if (isQuantized) {
    const scaleOf = (i: number) => (form === 'two scales' && i > 0 ? 'other' : 'scale');
    for (const [i, x] of inputs.entries())
      nodes.unshift(node('DequantizeLinear', [x.name, scaleOf(i), 'zero'], [real(x.name)]));
    const to = form === 'two scales' ? 'other' : 'scale';
    for (const y of outputs) nodes.push(node('QuantizeLinear', [real(y), to, 'zero'], [y]));
  }
  const used = new Set(nodes.flatMap((n) => n.inputs));
  const kept = Object.fromEntries(Object.entries(initializers).filter(([name]) => used.has(name)));
  return model({
    opset: c.opset,
    inputs,
    outputs: outputs.map((name) => ({ name, elemType: element, dims: undefined })),
    nodes,
    initializers: kept,
  });
}

/** Q and DQ are operators from opset 10 on; some operators take no integers, by their definition or in ONNX Runtime. */
function forms(c: MoveCase): Form[] {
  const all: Form[] = c.isFloat ? ['f32'] : ['f32', 's64', 'one scale', 'two scales'];
  const isFloatOnly =
    /^(Upsample|.*Depth.*)$/.test(c.operator) || (c.operator === 'Pad' && c.opset < 11) || c.operator === 'Resize';
  return all.filter((f) => (f === 's64' ? !isFloatOnly : f === 'f32' || c.opset >= 10));
}

function randomInput(type: Tensor['type'], seed: number): Tensor {
  const data = allocate(type);
  let state = seed;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    const byte = (state >>> 16) & 255;
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = BigInt(byte) << 20n;
    else data[i] = type.kind === 'float' ? Math.fround((byte - 100) / 7) : byte;
  }
  return { type, data };
}

const runtime = await needOnnxRuntime();
await proveExact(runtime);
const compiled: NativeCase[] = [];

for (const c of cases)
  for (const form of forms(c)) {
    const details = JSON.stringify({
      ...c.attributes,
      constants: c.constants?.map((t) => t && [...t.data].map(String)),
    });
    const name = `${c.operator} of opset ${c.opset}, ${form}: ${details}`;
    test(name, async () => {
      const bytes = modelOf(c, form);
      const lowered: Lowered = lowerModel({ model: bytes, fileName: 'moves.onnx' });
      const { inputs } = lowered.graph;
      const tensors = inputs.map((p, i) => randomInput(p.type, i + 1));
      const judge = await runtime.open(bytes, 'exact');
      const want = await judge.run(inputs.map((p, i) => ({ name: p.name, tensor: tensors[i] })));
      await judge.release();
      const values = new Map(inputs.map((p, i) => [p.name, tensors[i]]));
      for (const [output, answer] of evaluateGraph(lowered.source, values))
        assert.deepEqual(answer.data, want.get(output), output);
      const outputs = evaluateGraph(lowered.graph, values);
      for (const [output, answer] of outputs)
        assert.deepEqual(answer.data, want.get(output), `${output} after the passes`);
      if (form === 'one scale')
        for (const { kind } of topologicalOrder(lowered.graph)) assert.ok(!/quantize/.test(kind), `${kind} is left`);
      // The many ways to find the nearest element differ in their constants only.
      if (c.operator !== 'Resize' || form !== 'two scales')
        compiled.push({ name, lowered, inputs: tensors, outputs: [...outputs.values()] });
    });
  }

test('the compiled code gives the same bits', async () => {
  assert.ok(compiled.length > 100);
  const answers = await compareNative(compiled, findTarget(loadTargets(), 'scalar'), loadAssets());
  assert.deepEqual(
    answers.flatMap((why, i) => (why === undefined ? [] : [`${compiled[i].name}: ${why}`])),
    [],
  );
});
