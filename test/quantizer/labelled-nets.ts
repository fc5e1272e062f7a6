/**
 * Float nets with labelled data in shared/, quantized on several sets of calibration samples and judged on all others. One
 * calibration proves little: a handful of samples lie so near the border between two classes that any rounding decides
 * them. What holds on average over disjoint calibrations is the method's, not chance's.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { buildObserver } from '../../src/cli/observe.js';
import type { OnnxRuntime } from '../../src/cli/onnxruntime.js';
import { gramsOf } from '../../src/cli/reconstruct.js';
import type { Sample } from '../../src/cli/samples.js';
import { floatType, type Tensor } from '../../src/ir/type.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { encodeModel } from '../../src/onnx/encode.js';
import type { OnnxModel } from '../../src/onnx/model.js';
import type { Ranges } from '../../src/quant/ranges.js';
import { emptyStatistics, rangesOf } from '../../src/quant/statistics.js';
import {
  defaultQuantization,
  layerInputs,
  type Quantization,
  type QuantizeOptions,
  quantizeModel,
} from '../../src/quantizer.js';
import { root, shared } from '../cli/command.js';
import { argmax, digits, keywords, type Labelled, ortAnswers, pictures } from '../models/labelled.js';

/** Samples that a calibration takes; calibration f takes those from f * CALIBRATION on. */
export const CALIBRATION = 200;
export const FOLDS = [0, 1, 2, 3, 4];

/** NHWC pictures as NCHW, less `mean`, over `deviation`. */
function channelsFirst({ samples, labels }: Labelled, mean: readonly number[], deviation: readonly number[]): Labelled {
  const moved = samples.map(([{ data }]): Sample => {
    const out = new Float32Array(3072);
    for (let p = 0; p < 1024; p++)
      for (let c = 0; c < 3; c++) out[c * 1024 + p] = (Number(data[p * 3 + c]) - mean[c]) / deviation[c];
    return [{ type: floatType([1, 3, 32, 32]), data: out }];
  });
  return { samples: moved, labels };
}

/** Debian's dataset-fashion-mnist; undefined where it is not installed. */
export function fashion(): Labelled | undefined {
  const folder = process.env.FASHION ?? '/usr/share/datasets/fashion-mnist';
  if (!existsSync(folder)) return undefined;
  const stored = gunzipSync(readFileSync(join(folder, 't10k-images-idx3-ubyte.gz'))).subarray(16);
  const labels = gunzipSync(readFileSync(join(folder, 't10k-labels-idx1-ubyte.gz'))).subarray(8);
  const samples = Array.from(labels, (_, i): Sample => {
    const data = Float32Array.from(stored.subarray(i * 784, (i + 1) * 784), (p) => p / 255);
    return [{ type: floatType([1, 1, 28, 28]), data }];
  });
  return { samples, labels };
}

export interface Net {
  readonly name: string;
  /** In shared/models. */
  readonly file: string;
  readonly data: () => Labelled | undefined;
}

export const nets: readonly Net[] = [
  {
    name: 'ResNet8, CIFAR-10 (JPEG)',
    file: 'resnet8_mlperf/resnet8_fp32.onnx',
    data: () => channelsFirst(pictures(2000), [0, 0, 0], [1, 1, 1]),
  },
  {
    name: 'MobileNetV2-like, CIFAR-10 (JPEG)',
    file: 'resnet8_mlperf/ic_alibaba_mbv2like_fp32.onnx',
    data: () => channelsFirst(pictures(2000), [125.3, 123.0, 113.9], [63.0, 62.1, 66.7]),
  },
  { name: 'DS-CNN, keywords', file: 'kws_dscnn_mlperf/kws_alibaba_fp32.onnx', data: keywords },
  {
    name: 'LeNet, MNIST (opset 8)',
    file: 'mnist8_lenet/mnist-8.onnx',
    data: () => digits(10000, [1, 1, 28, 28], 255),
  },
  { name: 'MLP, Fashion-MNIST', file: 'fmnist_own/fmnist_mlp_fp32.onnx', data: fashion },
  { name: 'DS-CNN, Fashion-MNIST', file: 'fmnist_own/fmnist_dscnn_fp32.onnx', data: fashion },
  { name: 'tiny ViT, Fashion-MNIST', file: 'fmnist_own/fmnist_vit_fp32.onnx', data: fashion },
];

/** Statistics of each list of samples. */
export async function rangesOfEach(model: string, lists: readonly (readonly Sample[])[]): Promise<Ranges[]> {
  const options = { model, target: undefined, dim: [], rounding: undefined, name: undefined, cc: undefined };
  const quiet = { out: () => {}, say: () => {}, color: false };
  const observer = await buildObserver({ ...options, optimize: undefined }, quiet);
  const subject = { modelSha256: '', modelName: '', inputs: [], preprocess: '' };
  const found: Ranges[] = [];
  try {
    for (const samples of lists) {
      const sums = await observer.run(samples, String);
      found.push(rangesOf({ ...emptyStatistics(subject), halves: [sums, new Map()] }));
    }
  } finally {
    observer.remove();
  }
  return found;
}

/** One quantized model against the float one, on all samples but those it was calibrated on. */
export interface Judgement {
  readonly judged: number;
  /** Of the judged samples: answers that are the float model's; right ones of either model; right ones lost and won. */
  readonly same: number;
  readonly right: number;
  readonly lost: number;
  readonly won: number;
  /** Energy of the outputs over that of their noise, decibels. */
  readonly db: number;
}

export class Judge {
  private constructor(
    readonly file: string,
    readonly model: OnnxModel,
    private readonly input: string,
    private readonly labelled: Labelled,
    private readonly float: readonly Tensor['data'][],
    private readonly runtime: OnnxRuntime,
  ) {}

  /** Undefined where the data is not installed. */
  static async of(net: Net, runtime: OnnxRuntime): Promise<Judge | undefined> {
    const labelled = net.data();
    if (labelled === undefined) return undefined;
    const file = join(shared, 'models', net.file);
    const { model } = decodeModel(readFileSync(file));
    const input = model.graph.inputs.find(({ name }) => !model.graph.initializers.has(name))?.name ?? '';
    const float = await ortAnswers(runtime, file, 'exact', input, labelled.samples);
    return new Judge(file, model, input, labelled, float, runtime);
  }

  /** Top-1 of the float model, percent, on all samples but those of the fold. */
  floatTop1(fold: number): number {
    const labels = this.judgedBut(fold);
    return (100 * labels.filter((i) => argmax(this.float[i]) === this.labelled.labels[i]).length) / labels.length;
  }

  calibration(fold: number, count = CALIBRATION): readonly Sample[] {
    return this.labelled.samples.slice(fold * CALIBRATION, fold * CALIBRATION + count);
  }

  /** @param count samples of each calibration. */
  async quantized(
    folds: readonly number[],
    levels: readonly Partial<Quantization>[],
    count = CALIBRATION,
  ): Promise<Judgement[][]> {
    const lists = folds.map((fold) => this.calibration(fold, count));
    const ranges = await rangesOfEach(this.file, lists);
    const judgements: Judgement[][] = levels.map(() => []);
    for (const [l, level] of levels.entries())
      for (const [f, seen] of ranges.entries()) {
        const quantization = { ...defaultQuantization, ...level };
        const options = await this.reconstructing(
          { ranges: seen, quantization, dims: new Map(), version: '' },
          lists[f],
        );
        judgements[l].push(await this.of(encodeModel(quantizeModel(this.model, options).model), folds[f]));
      }
    return judgements;
  }

  /** With what layers read, where weights are rounded by it. */
  private async reconstructing(options: QuantizeOptions, samples: readonly Sample[]): Promise<QuantizeOptions> {
    if (options.quantization.effort < 3) return options;
    const found = layerInputs(quantizeModel(this.model, options));
    if (found === undefined) return options;
    return { ...options, quantization: { ...options.quantization, grams: await gramsOf(found, samples, undefined) } };
  }

  /** @param fold the calibration of this model. */
  async of(model: Uint8Array | string, fold: number): Promise<Judgement> {
    const judged = this.judgedBut(fold);
    const samples = judged.map((i) => this.labelled.samples[i]);
    const answers = await ortAnswers(this.runtime, model, 'exact', this.input, samples);
    let [same, right, lost, won, signal, noise] = [0, 0, 0, 0, 0, 0];
    for (const [k, i] of judged.entries()) {
      const [before, after] = [argmax(this.float[i]), argmax(answers[k])];
      const label = this.labelled.labels[i];
      if (before === after) same++;
      if (after === label) right++;
      if (before === label && after !== label) lost++;
      if (before !== label && after === label) won++;
      for (let j = 0; j < answers[k].length; j++) {
        signal += Number(this.float[i][j]) ** 2;
        noise += (Number(this.float[i][j]) - Number(answers[k][j])) ** 2;
      }
    }
    return { judged: judged.length, same, right, lost, won, db: 10 * Math.log10(signal / noise) };
  }

  private judgedBut(fold: number): readonly number[] {
    const [from, to] = [fold * CALIBRATION, (fold + 1) * CALIBRATION];
    return [...this.labelled.samples.keys()].filter((i) => i < from || i >= to);
  }
}

/** What top-1 drops by, and the share of the float model's answers, in percent, on average. */
export interface Average {
  readonly drop: number;
  readonly agreement: number;
}

export function averageOf(judgements: readonly Judgement[]): Average {
  const mean = (of: (j: Judgement) => number): number =>
    judgements.reduce((sum, j) => sum + (100 * of(j)) / j.judged, 0) / judgements.length;
  return { drop: mean((j) => j.lost - j.won), agreement: mean((j) => j.same) };
}

/** The same of each method of onnxruntime's quantize_static, `peer.json`; none where it refuses the model. */
export function peersOf({ file }: Net): ReadonlyMap<string, Average> {
  const stored: unknown = JSON.parse(readFileSync(join(root, 'test/quantizer/peer.json'), 'utf8'));
  const entry = field(field(stored, 'models'), file);
  const found = new Map<string, Average>();
  for (const method of ['MinMax', 'Entropy', 'Percentile']) {
    const [drop, agreement] = [mean(field(entry, `${method} drops`)), mean(field(entry, `${method} agreements`))];
    if (drop !== undefined && agreement !== undefined) found.set(method, { drop, agreement });
  }
  return found;
}

function field(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined;
}

function mean(values: unknown): number | undefined {
  if (!Array.isArray(values) || values.length !== FOLDS.length) return undefined;
  return values.reduce((sum: number, v: unknown) => sum + Number(v), 0) / values.length;
}
