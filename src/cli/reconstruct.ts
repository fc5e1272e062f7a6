/**
 * `-Q3`: samples go through the float model once more, and what its layers read is summed up in Gram matrices, by which the
 * quantizer rounds weights (`quant/reconstruct.ts`). Invariant: memory does not depend on the number of samples, and the sums
 * depend on the samples and their order alone.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelSource } from '../compiler.js';
import { fitted } from '../data/fit.js';
import { openSource } from '../data/open.js';
import { noPreprocess, parsePreprocess } from '../data/preprocess.js';
import { selected } from '../data/select.js';
import { about } from '../data/source.js';
import { error, QccError } from '../diagnostics/diagnostic.js';
import type { Param } from '../ir/graph.js';
import type { Sample } from '../ir/seeded.js';
import { f32Data, type Tensor } from '../ir/type.js';
import { decodeModel } from '../onnx/decode.js';
import { encodeModel } from '../onnx/encode.js';
import { addRow, emptyGram, type SampledGram } from '../quant/reconstruct.js';
import {
  layerInputs,
  type Quantization,
  type QuantizeOptions,
  quantizeModel,
  type WeightedLayer,
} from '../quantizer.js';
import { temporaryFolder } from '../toolchain/process.js';
import { buildDriver } from './drive.js';
import type { RangeOptions } from './ranges.js';
import { terminal, wholeNumber } from './session.js';

/** The quantization with what its layers read, where its effort asks for it. */
export async function reconstructing(
  source: ModelSource,
  made: QuantizeOptions,
  calibrate: string | undefined,
  options: RangeOptions,
): Promise<Quantization> {
  const { quantization } = made;
  if (quantization.effort < 3 || calibrate === undefined) return quantization;
  const found = layerInputs(quantizeModel(decodeModel(source.model, source.externalData).model, made));
  if (found === undefined) return quantization;
  const cc = options.target === undefined ? options.cc : undefined;
  return { ...quantization, grams: await gramsOf(found, samplesOf(found.inputs, calibrate, options), cc) };
}

/** Throws `QccError` Q0818 where -Q3 could not look at the samples again. */
export function checkRepeatable(effort: number, calibrate: string | undefined): void {
  if (effort < 3 || calibrate === undefined || (calibrate !== '-' && !calibrate.endsWith('.qstats'))) return;
  const why = calibrate === '-' ? 'a pipe gives them once' : `${calibrate} does not hold them`;
  const help = '--calibrate with the files themselves, or -Q1';
  throw new QccError([error('Q0818', `-Q3 looks at the samples a second time, and ${why}`, undefined, help)]);
}

/** One sample in so many is held out, from the second on: whatever order they come in, folders of classes too. */
const HELD_OUT = 4;
/** Positions of a layer that one sample adds; fewer where a row is long. */
const POSITIONS = 64;
const ROW_BUDGET = 1 << 15;
/** Bytes of tensors in memory at a time. */
const BATCH_BYTES = 32 << 20;

class Layer {
  readonly grams: readonly SampledGram[];
  private seen = 0;

  constructor(readonly of: WeightedLayer) {
    const [, kh, kw, cg] = of.node.operands[1].type.shape;
    this.grams = Array.from({ length: of.node.attrs.groups }, () => ({
      fitted: emptyGram(kh * kw * cg),
      held: emptyGram(kh * kw * cg),
    }));
  }

  /** @param tensor NHWC. */
  add(tensor: Tensor): void {
    const [, height, width, channels] = tensor.type.shape;
    const [batch, rows, columns] = this.of.node.results[0].type.shape;
    const [, kh, kw, cg] = this.of.node.operands[1].type.shape;
    const { strides, dilations, pads } = this.of.node.attrs;
    const x = f32Data(tensor);
    const all = batch * rows * columns;
    const wanted = Math.min(all, POSITIONS, Math.max(2, Math.floor(ROW_BUDGET / (kh * kw * cg))));
    const row = new Float32Array(kh * kw * cg);
    // Evenly spread, and elsewhere in every sample.
    const isHeld = this.seen % HELD_OUT === 1;
    const start = (this.seen++ * 7919) % all;
    for (let p = 0; p < wanted; p++) {
      const at = (start + Math.floor((p * all) / wanted)) % all;
      const [n, oy, ox] = [Math.floor(at / (rows * columns)), Math.floor(at / columns) % rows, at % columns];
      for (const [g, gram] of this.grams.entries()) {
        let k = 0;
        for (let ky = 0; ky < kh; ky++)
          for (let kx = 0; kx < kw; kx++) {
            const [y, z] = [
              oy * strides[0] + ky * dilations[0] - pads[0],
              ox * strides[1] + kx * dilations[1] - pads[1],
            ];
            const isInside = y >= 0 && y < height && z >= 0 && z < width;
            const base = ((n * height + y) * width + z) * channels + g * cg;
            for (let i = 0; i < cg; i++) row[k++] = isInside ? x[base + i] : 0;
          }
        addRow(isHeld ? gram.held : gram.fitted, row);
      }
    }
  }
}

/** Of each layer that can be told by name, one for each group. */
export async function gramsOf(
  found: NonNullable<ReturnType<typeof layerInputs>>,
  samples: Iterable<Sample> | AsyncIterable<Sample>,
  cc: string | undefined,
): Promise<ReadonlyMap<string, readonly SampledGram[]>> {
  const layers = found.layers.map((layer) => new Layer(layer));
  const { folder, remove } = temporaryFolder('qcc-reconstruct-');
  try {
    const file = join(folder, 'inputs.onnx');
    writeFileSync(file, encodeModel(found.model));
    const plain = { target: undefined, dim: [], rounding: undefined, name: undefined, optimize: undefined };
    const quiet = { ...terminal, say: () => {} };
    const driver = await buildDriver({ ...plain, model: file, cc }, false, quiet);
    try {
      const most = Math.max(1, Math.floor(BATCH_BYTES / found.bytes));
      let [batch, done]: [Sample[], number] = [[], 0];
      const flush = async (): Promise<void> => {
        for (const answer of await driver.run(batch))
          for (const layer of layers) layer.add(answer.outputs[layer.of.input]);
        done += batch.length;
        batch = [];
        if (process.stderr.isTTY === true) terminal.say(`-Q3: ${layers.length} layers, ${done} samples`);
      };
      for await (const sample of samples) {
        batch.push(sample);
        if (batch.length >= most) await flush();
      }
      if (batch.length > 0) await flush();
    } finally {
      driver.remove();
    }
  } finally {
    remove();
  }
  // Layers that came from one node cannot be told apart by name.
  const isAlone = ({ of }: Layer): boolean => layers.filter((other) => other.of.key === of.key).length === 1;
  return new Map(layers.filter(isAlone).map(({ of, grams }) => [of.key, grams]));
}

async function* samplesOf(inputs: readonly Param[], calibrate: string, options: RangeOptions): AsyncGenerator<Sample> {
  const preprocess = options.preprocess === undefined ? noPreprocess : parsePreprocess(options.preprocess);
  const samples = options.samples === undefined ? undefined : wholeNumber('--samples', options.samples);
  const selection = { samples, seed: wholeNumber('--seed', options.seed), shard: undefined };
  for (const raw of selected(await openSource(calibrate, inputs), selection))
    try {
      yield fitted(raw, inputs, preprocess);
    } catch (failure) {
      throw failure instanceof QccError ? about(failure, raw.name) : failure;
    }
}
