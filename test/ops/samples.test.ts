// needs: c-compiler emulator
/**
 * Every op's samples: through the passes and the interpreter, then as compiled C on every target, bit for bit. Inputs are
 * random, with the values among them at which float functions go wrong.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import test from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { param } from '../../src/ir/build.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import type { Graph } from '../../src/ir/graph.js';
import { runPasses } from '../../src/ir/pass.js';
import type { Sample } from '../../src/ir/sample.js';
import { allocate, type Tensor, type TensorType } from '../../src/ir/type.js';
import { graphPasses } from '../../src/pipeline.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { compareNative, type NativeCase } from '../onnx-node/native.js';

const folder = new URL('../../src/ops/', import.meta.url);

async function allSamples(): Promise<readonly (readonly [string, Sample])[]> {
  const found: (readonly [string, Sample])[] = [];
  for (const op of readdirSync(folder).toSorted()) {
    const file = new URL(`${op}/samples.ts`, folder);
    if (!existsSync(file)) continue;
    const { samples }: { readonly samples: readonly Sample[] } = await import(file.href);
    for (const sample of samples) found.push([`${op}: ${sample.name}`, sample]);
  }
  return found;
}

/** A generator of numbers in 0..1 that is the same in every run. */
function randomFrom(text: string): () => number {
  let state = [...text].reduce((hash, c) => Math.imul(hash ^ c.charCodeAt(0), 16777619), 2166136261) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}

const edges = [0, -0, 1, -1, 0.5, 1e-40, -1e-40, 3e38, -3e38, 88, -104];

function randomTensor(type: TensorType, random: () => number): Tensor {
  const data = allocate(type);
  for (let i = 0; i < data.length; i++) {
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = BigInt(Math.floor(random() * 100));
    else if (type.kind === 'float')
      data[i] = random() < 0.01 ? edges[Math.floor(random() * edges.length)] : (random() - 0.5) * 8;
    else {
      const [low, high] = type.kind === 'quant' ? type.range : type.element === 'bool' ? [0, 1] : [-50, 50];
      data[i] = low + Math.floor(random() * (high - low + 1));
    }
  }
  return { type, data };
}

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
  return { name, lowered: { source: graph, ...run }, inputs, outputs: [...want.values()] };
}

const cases = (await allSamples()).map(([name, sample]) => nativeCase(name, sample));

test('ops have samples', () => assert.ok(cases.length > 0));

for (const name of ['scalar', 'x86-avx2', 'arm-neon'])
  test(`compiled for ${name}, every sample gives the interpreter's bits`, async () => {
    const answers = await compareNative(cases, findTarget(loadTargets(), name), loadAssets());
    const wrong = answers.flatMap((why, i) => (why === undefined ? [] : [`${cases[i].name}: ${why}`]));
    assert.deepEqual(wrong, []);
  });
