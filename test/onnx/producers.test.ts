// needs: c-compiler emulator
/**
 * Files as their producers write them (producers/make.py): the old and the new exporter of PyTorch, the new one where it
 * decomposes fake-quant into arithmetic, NVIDIA ModelOpt (s8, zero point 0, float biases, quantized inputs only), tf2onnx.
 * What they say in integers comes out as ONNX Runtime's bytes, on every target.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { type Lowered, lowerModel } from '../../src/compiler.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { elements, numberData, type Tensor, type TensorType } from '../../src/ir/type.js';
import { topologicalOrder } from '../../src/ir/walk.js';
import { readNpy } from '../../src/npy.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { compareNative, type NativeCase } from '../onnx-node/native.js';

interface Producer {
  readonly name: string;
  /** Convolutions in integers and in floats. */
  readonly convolutions: readonly [number, number];
  /** Largest difference from ONNX Runtime that the file's own float parts explain; 0: the same bytes. */
  readonly tolerance: number;
  /** Share of values that may differ by it. */
  readonly share: number;
}

const producers: readonly Producer[] = [
  { name: 'torch-old', convolutions: [1, 0], tolerance: 0, share: 0 },
  { name: 'torch-new', convolutions: [1, 0], tolerance: 0, share: 0 },
  // One step of 0.04: x * f32(1 / scale) was rounded where qcc divides.
  { name: 'torch-decomposed', convolutions: [1, 0], tolerance: 0.0401, share: 0.01 },
  // The last matrix product is float, its sums in another order.
  { name: 'modelopt', convolutions: [2, 1], tolerance: 1e-5, share: 1 },
  { name: 'tf2onnx', convolutions: [10, 0], tolerance: 0, share: 0 },
];

const folder = new URL('producers/', import.meta.url);

function numbersOf(file: string): ArrayLike<number> {
  const { data } = readNpy(readFileSync(new URL(file, folder)), file);
  return Array.from<number | bigint, number>(data, Number);
}

/** Sample `index` of a stored array. */
function sampleOf(all: ArrayLike<number>, index: number, type: TensorType): Tensor {
  const count = elements(type.shape);
  const part = Array.from({ length: count }, (_, i) => all[index * count + i]);
  return { type, data: type.element === 's8' ? Int8Array.from(part) : Float32Array.from(part) };
}

function run(lowered: Lowered, input: Tensor): Tensor {
  const { graph } = lowered;
  const answer = evaluateGraph(graph, new Map([[graph.inputs[0].name, input]])).get(graph.outputs[0].name);
  assert.ok(answer !== undefined);
  return answer;
}

const cases: NativeCase[] = [];
for (const { name, convolutions, tolerance, share } of producers) {
  const model = readFileSync(new URL(`${name}.onnx`, folder));
  const lowered = lowerModel({ model, fileName: `${name}.onnx` }, { name: name.replaceAll('-', '_') });
  const inputs = numbersOf(`${name}.input.npy`);
  const answers = numbersOf(`${name}.output.npy`);

  test(`${name}: every quantized convolution is found`, () => {
    const kinds = topologicalOrder(lowered.graph).map((node) => node.kind);
    const count = (kind: string) => kinds.filter((k) => k === kind).length;
    assert.deepEqual([count('conv2d-requant'), count('conv2d')], convolutions);
  });

  test(`${name}: what ONNX Runtime answers`, () => {
    const samples = inputs.length / elements(lowered.graph.inputs[0].type.shape);
    let different = 0;
    for (let s = 0; s < samples; s++) {
      const output = run(lowered, sampleOf(inputs, s, lowered.graph.inputs[0].type));
      const got = numberData(output);
      for (let i = 0; i < got.length; i++) {
        const difference = Math.abs(got[i] - answers[s * got.length + i]);
        if (difference > 0) different++;
        assert.ok(difference <= tolerance, `sample ${s}, element ${i}: ${difference} away`);
      }
    }
    assert.ok(different <= share * answers.length, `${different} of ${answers.length} values differ`);
  });
  const input = sampleOf(inputs, 0, lowered.graph.inputs[0].type);
  cases.push({ name, lowered, inputs: [input], outputs: [run(lowered, input)] });
}

const assets = loadAssets();
const targets = loadTargets();
for (const name of ['scalar', 'x86-avx2', 'arm-neon'])
  test(`their C for ${name}: the interpreter's bits`, async () => {
    const answers = await compareNative(cases, findTarget(targets, name), assets);
    assert.deepEqual(
      answers,
      cases.map(() => undefined),
    );
  });
