// needs: seconds
/** Layers of one shape are compiled once: the blocks of a ResNet50 repeat, and so must not its code. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { lowerModel, placeGraph } from '../../src/compiler.js';
import { contractStructs } from '../../src/emit/bundle.js';
import { makeInstances } from '../../src/emit/instances.js';
import { instanceKey } from '../../src/emit/steps.js';
import { sharedOut } from '../../src/emit/units.js';
import { type Kernel, stepsOf } from '../../src/program/program.js';
import { shapeClass } from '../../src/target/costs.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { shared } from '../cli/command.js';
import { node, model as onnx, tensor, value } from '../onnx/model-builder.js';

const assets = loadAssets();
const structs = contractStructs(assets.runtime);
const model = readFileSync(join(shared, 'models/peers/resnet50.qdq_u8.onnx'));
const { graph } = lowerModel({ model, fileName: 'resnet50.onnx' });

for (const name of ['x86-avx2', 'x86-avx512vnni'])
  test(`one instance for each shape of ResNet50 on ${name}`, () => {
    const steps = stepsOf(placeGraph(graph, findTarget(loadTargets(), name), assets).body);
    const { instances, uses } = makeInstances(
      steps,
      'm',
      (step) => instanceKey(step, undefined),
      (kernel) => structs.get(kernel.family) ?? '',
    );
    const shapes = new Set(steps.map((step) => `${step.kernel.symbol} ${shapeClass(step)}`));
    assert.equal(instances.length, shapes.size);
    assert.equal(new Set(instances.map((i) => i.call)).size, instances.length);
    const convolutions = steps.filter((step) => step.kernel.family === 'conv2d_q8');
    assert.equal(convolutions.length, 54);
    const functions = new Set(convolutions.map((step) => uses.get(step)?.instance.name));
    // 16 blocks of three layers, of 4 sizes, first and later ones: 23 shapes, the classifier, 2 of other flags; of two
    // shapes the weights decide between two kernels.
    assert.ok(functions.size <= 28, `${functions.size} functions for ${convolutions.length} convolutions`);
    // Two compilers get as many of them each, every function is in one file, in the order they were made in.
    const files = sharedOut(instances);
    assert.deepEqual(
      files
        .flat()
        .map((i) => i.name)
        .sort(),
      instances.map((i) => i.name).sort(),
    );
    assert.equal(files.length, 2);
    const sizes = files.map((f) => f.filter((i) => i.kernel.isa !== 'scalar').length);
    assert.ok(Math.abs(sizes[0] - sizes[1]) <= 2, sizes.join(' and '));
    for (const file of files)
      assert.deepEqual(
        file,
        instances.filter((i) => file.includes(i)),
      );
    assert.equal(sharedOut(instances.slice(0, 7)).length, 1);
  });

test('what reads or makes floats in plain C is kept from vectors that flush subnormal numbers, and nothing else', () => {
  const bytes = onnx({
    opset: 21,
    inputs: [value('x', 'f32', [4, 32]), value('r', 'u8', [1, 2, 4, 4])],
    outputs: [value('y', 'f32', [4, 8]), value('z', 'f32', [1, 2, 4, 4]), value('m', 'u8', [1, 2, 4, 4])],
    initializers: {
      w: tensor(
        's8',
        [32, 8],
        Array.from({ length: 256 }, (_, i) => ((i * 37) % 255) - 127),
      ),
      w_scale: tensor('f32', [], [0.01]),
      scale: tensor('f32', [], [0.02]),
      zero: tensor('u8', [], [3]),
    },
    nodes: [
      node('DynamicQuantizeLinear', ['x'], ['xq', 'x_scale', 'x_zero']),
      node('MatMulInteger', ['xq', 'w', 'x_zero'], ['sums']),
      node('Cast', ['sums'], ['reals'], { to: 1 }),
      node('Mul', ['x_scale', 'w_scale'], ['both']),
      node('Mul', ['reals', 'both'], ['y']),
      node('DequantizeLinear', ['r', 'scale', 'zero'], ['z']),
      node('MaxPool', ['r'], ['m'], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
    ],
  });
  const { graph: lowered } = lowerModel({ model: bytes, fileName: 'm.onnx' });
  const steps = stepsOf(placeGraph(lowered, findTarget(loadTargets(), 'cortex-m3'), assets).body);
  const structOf = (kernel: Kernel) => structs.get(kernel.family) ?? '';
  const { instances } = makeInstances(steps, 'm', (step) => instanceKey(step, undefined), structOf);
  const guarded = new Map(instances.map((i) => [i.kernel.family, i.isFloat]));
  assert.deepEqual(Object.fromEntries(guarded), {
    dynamic_quantize: true,
    dynamic_matmul: true,
    dequantize: true,
    move: false,
    max_pool_q8: false,
  });
});
