// needs: c-compiler emulator
/**
 * Random networks, and strange ones: what the interpreter makes of them before each pass and after it, and the C of every target, bit for
 * bit. A seed that fails is one number: QCC_FUZZ_SEED=n QCC_FUZZ=1 runs it alone.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { lowerModel } from '../../src/compiler.js';
import { QccError } from '../../src/diagnostics/diagnostic.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import type { Graph } from '../../src/ir/graph.js';
import { seededTensor } from '../../src/ir/parse.js';
import type { Tensor } from '../../src/ir/type.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { graphPasses } from '../../src/pipeline.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { needsCpu } from '../native-targets.js';
import { compareNative, type NativeCase } from '../onnx-node/native.js';
import { mutatedModel } from './mutated-models.js';
import { randomFrom, seeds } from './random.js';
import { randomModel } from './random-models.js';

/** Values beyond what the quantized types hold, exact ties among them. */
function input(graph: Graph, seed: number): Map<string, Tensor> {
  const random = randomFrom(seed);
  return new Map(
    graph.inputs.map((p, i) => {
      const tensor = seededTensor(p.type, seed + i);
      const spread = random.pick([1, 4, 40]);
      if (tensor.data instanceof Float32Array)
        for (let k = 0; k < tensor.data.length; k++)
          tensor.data[k] = random.oneIn(8) ? random.int(-64, 64) / 16 : tensor.data[k] * spread;
      return [p.name, tensor];
    }),
  );
}

function nativeCase(name: string, bytes: Uint8Array, seed: number): NativeCase {
  const graphs: { readonly pass: string; readonly graph: Graph }[] = [];
  const source = { model: bytes, fileName: 'm.onnx' };
  const lowered = lowerModel(source, { onPass: (_, pass, graph) => graphs.push({ pass, graph }) });
  const inputs = input(lowered.graph, seed);
  let before: ReadonlyMap<string, Tensor> | undefined;
  for (const { pass, graph } of graphs) {
    const after = evaluateGraph(graph, inputs);
    const isExact = graphPasses.find((p) => p.name === pass)?.numerics === 'exact';
    if (before !== undefined && isExact)
      for (const [output, tensor] of before)
        assert.deepEqual(after.get(output)?.data, tensor.data, `${name}: pass ${pass} changes output "${output}"`);
    before = after;
  }
  return {
    name,
    lowered,
    inputs: lowered.graph.inputs.flatMap((p) => inputs.get(p.name) ?? []),
    outputs: [...(before ?? new Map<string, Tensor>()).values()],
  };
}

const cases: NativeCase[] = [];

test('exact passes keep the meaning of random networks', () => {
  for (const seed of seeds(40)) cases.push(nativeCase(`seed ${seed}`, randomModel(seed), seed));
});

test('strange models are refused with codes, or keep their meaning too', () => {
  let accepted = 0;
  for (const seed of seeds(400)) {
    const strange = encodeModel(mutatedModel(decodeModel(randomModel(seed % 50)).model, randomFrom(seed * 7919)));
    try {
      cases.push(nativeCase(`strange ${seed}`, strange, seed));
      accepted++;
    } catch (failure) {
      if (!(failure instanceof QccError)) {
        const text = failure instanceof Error ? failure.stack : String(failure);
        throw new Error(`strange ${seed}: ${text}`);
      }
    }
  }
  assert.ok(accepted > 0);
});

/**
 * Vector code takes minutes to compile: every second network, and none on AVX-512, but for `npm run test:full`; samples of all ops and
 * whole models run on every target in any case.
 */
const isFull = process.env.QCC_FULL !== undefined;
for (const name of ['scalar', 'x86-avx2', 'arm-neon', ...(isFull ? ['x86-avx512vnni'] : [])])
  test(`compiled for ${name}, random networks answer the interpreter's bits`, needsCpu(name), async () => {
    const chosen = cases.filter((_, i) => isFull || name === 'scalar' || i % 2 === 0);
    const differences = await compareNative(chosen, findTarget(loadTargets(), name), loadAssets());
    assert.deepEqual(
      differences.flatMap((d, i) => (d === undefined ? [] : [`${chosen[i].name}: ${d}`])),
      [],
    );
  });
