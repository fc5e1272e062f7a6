// needs: c-compiler emulator
/**
 * Every op's samples: through the passes and the interpreter, then as compiled C on every target, bit for bit. Inputs are
 * random, with the values among them at which float functions go wrong.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { placeGraph } from '../../src/compiler.js';
import { param } from '../../src/ir/build.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import type { Graph } from '../../src/ir/graph.js';
import { runPasses } from '../../src/ir/pass.js';
import type { Sample } from '../../src/ir/sample.js';
import { graphPasses } from '../../src/pipeline.js';
import { stepsOf } from '../../src/program/program.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import type { Target } from '../../src/target/target.js';
import { needsCpu } from '../native-targets.js';
import { compareNative, type NativeCase } from '../onnx-node/native.js';
import { allSamples, randomFrom, randomTensor } from './sample-cases.js';

function nativeCase(name: string, sample: Sample): NativeCase {
  const params = sample.inputs.map((type, i) => param(`x${i}`, type));
  const outputs = sample.build(params).map((value, i) => ({ name: `y${i}`, value }));
  const graph: Graph = { name, inputs: params, outputs };
  const random = randomFrom(name);
  const inputs = params.map((p) => randomTensor(p.type, random));
  const run = runPasses(graph, graphPasses, { rounding: 'onnx', after: () => {} });
  const values = new Map(params.map((p, i) => [p.name, inputs[i]]));
  const want = evaluateGraph(graph, values);
  const got = evaluateGraph(run.graph, values);
  for (const [output, tensor] of want)
    assert.deepEqual(got.get(output)?.data, tensor.data, `${name}: passes change it`);
  return { name, lowered: { model: graph, source: graph, ...run }, inputs, outputs: [...want.values()] };
}

const assets = loadAssets();
const cases = (await allSamples()).map(([name, sample]) => nativeCase(name, sample));

test('ops have samples', () => assert.ok(cases.length > 0));

/** Whether a kernel of the target's own instruction set is in the program: without one, it is that of another target below. */
function hasOwnKernel({ lowered }: NativeCase, target: Target): boolean {
  const { body } = placeGraph(lowered.graph, target, assets);
  return stepsOf(body).some(({ kernel }) => kernel.isa === target.isas[0].name);
}

/** Targets beside one that runs the kernels which they share. */
const besides = ['x86-avx512vnni', 'armv7-a'];

for (const name of ['scalar', 'x86-avx2', 'x86-avx512vnni', 'arm-neon', 'armv7-a'])
  test(`compiled for ${name}, every sample gives the interpreter's bits`, needsCpu(name), async () => {
    const target = findTarget(loadTargets(), name);
    const isWhole = !besides.includes(name) || process.env.QCC_FULL !== undefined;
    const own = isWhole ? cases : cases.filter((c) => hasOwnKernel(c, target));
    const answers = await compareNative(own, target, assets);
    const wrong = answers.flatMap((why, i) => (why === undefined ? [] : [`${own[i].name}: ${why}`]));
    assert.ok(own.length > 0);
    assert.deepEqual(wrong, []);
  });
