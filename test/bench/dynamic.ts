/**
 * What a scale for each row gains over one for the run in `--mode dynamic`: noise of the outputs against the float model, all
 * run by ONNX Runtime, which agrees with qcc on both forms (test/quantizer/ort.test.ts).
 *
 * `npx tsx test/bench/dynamic.ts [--readme]` prints the table, and writes it into README.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { needOnnxRuntime, type OnnxRuntime } from '../../src/cli/onnxruntime.js';
import type { Graph } from '../../src/ir/graph.js';
import { elements, type Tensor } from '../../src/ir/type.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { importModel } from '../../src/onnx/import.js';
import { quantizeWithoutData } from '../../src/quantizer.js';
import { type Random, randomFrom } from '../fuzz/random.js';
import { replaceSection } from './section.js';

const SAMPLES = 32;
const dims = new Map<string, number>();
const readme = fileURLToPath(new URL('../../README.md', import.meta.url));
const models = [
  ['BERT-mini, 128 tokens', 'peers/bert_mini.fp32.onnx'],
  ['ViT, Fashion-MNIST', 'fmnist_own/fmnist_vit_fp32.onnx'],
  ['MLP, one sample', 'fmnist_own/fmnist_mlp_fp32.onnx'],
] as const;

/** Tokens of a vocabulary, or pixels. */
function sampleOf({ inputs }: Graph, random: Random): ReadonlyMap<string, Tensor> {
  return new Map(
    inputs.map(({ name, type }): [string, Tensor] => {
      const count = elements(type.shape);
      const data =
        type.element === 's64'
          ? BigInt64Array.from({ length: count }, () => BigInt(random.int(0, 999)))
          : Float32Array.from({ length: count }, () => random.real(0, 1));
      return [name, { type, data }];
    }),
  );
}

async function outputOf(runtime: OnnxRuntime, model: Uint8Array, samples: readonly ReadonlyMap<string, Tensor>[]) {
  const session = await runtime.open(model, 'exact');
  const outputs: (readonly number[])[] = [];
  for (const sample of samples) {
    const [y] = (await session.run([...sample].map(([name, tensor]) => ({ name, tensor })))).values();
    outputs.push(Array.from(y, Number));
  }
  await session.release();
  return outputs;
}

/** Signal over noise of all samples together, in dB. */
function decibels(wanted: readonly (readonly number[])[], got: readonly (readonly number[])[]): number {
  let [signal, noise] = [0, 0];
  for (const [s, values] of wanted.entries())
    for (const [i, v] of values.entries()) {
      signal += v * v;
      noise += (v - got[s][i]) ** 2;
    }
  return 10 * Math.log10(signal / noise);
}

const runtime = await needOnnxRuntime();
const rows: string[] = [];
for (const [name, file] of models) {
  const bytes = readFileSync(new URL(`../../../shared/models/${file}`, import.meta.url));
  const { model } = decodeModel(bytes);
  const random = randomFrom(1);
  const { graph } = importModel(model, { dims, rounding: 'onnx', name: 'm' });
  const samples = Array.from({ length: SAMPLES }, () => sampleOf(graph, random));
  const float = await outputOf(runtime, bytes, samples);
  const noise: string[] = [];
  for (const per of ['run', 'row'] as const) {
    const made = quantizeWithoutData(model, { mode: 'dynamic', per }, { dims, version: '0' });
    noise.push(`${decibels(float, await outputOf(runtime, encodeModel(made.model), samples)).toFixed(1)} dB`);
  }
  rows.push(`| ${[name, ...noise].join(' | ')} |`);
}
const table = ['| `--mode dynamic` | `per-run` | `per-row` |', '|---|---|---|', ...rows].join('\n');
console.log(table);
if (process.argv.includes('--readme'))
  writeFileSync(readme, replaceSection(readFileSync(readme, 'utf8'), 'dynamic', table, 'block'));
