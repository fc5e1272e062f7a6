/**
 * Accuracy of the quantizer's levels on labelled data in shared/: calibrated on the first 200 samples, judged on the
 * others, the compiled program's own answers. `npx tsx test/bench/quantization.ts [SUBSTRING]` prints the table of
 * README.md; numbers of onnxruntime's quantize_static are in test/quantizer/peer.json, made by peer.py.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { buildObserver } from '../../src/cli/observe.js';
import type { Sample } from '../../src/cli/samples.js';
import { floatType } from '../../src/ir/type.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { encodeModel } from '../../src/onnx/encode.js';
import type { Ranges } from '../../src/quant/ranges.js';
import { emptyStatistics, rangesOf } from '../../src/quant/statistics.js';
import { defaultQuantization, type Quantization, quantizeModel } from '../../src/quantizer.js';
import { shared } from '../cli/command.js';
import { accuracy, argmax, compiledAnswers, digits, keywords, type Labelled, pictures } from '../models/labelled.js';

const CALIBRATION = 200;
const quiet = { out: () => {}, say: () => {}, color: false };

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
function fashion(): Labelled | undefined {
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

const models: Readonly<Record<string, () => Labelled | undefined>> = {
  'resnet8_mlperf/resnet8_fp32.onnx': () => channelsFirst(pictures(2000), [0, 0, 0], [1, 1, 1]),
  'resnet8_mlperf/ic_alibaba_mbv2like_fp32.onnx': () =>
    channelsFirst(pictures(2000), [125.3, 123.0, 113.9], [63.0, 62.1, 66.7]),
  'kws_dscnn_mlperf/kws_alibaba_fp32.onnx': keywords,
  'mnist8_lenet/mnist-8.onnx': () => digits(10000, [1, 1, 28, 28], 255),
  'fmnist_own/fmnist_mlp_fp32.onnx': fashion,
  'fmnist_own/fmnist_dscnn_fp32.onnx': fashion,
  'fmnist_own/fmnist_vit_fp32.onnx': fashion,
};

const levels: Readonly<Record<string, Partial<Quantization>>> = { Q0: { effort: 0 }, Q1: { effort: 1 } };

async function ranges(model: string, samples: readonly Sample[]): Promise<Ranges> {
  const options = { model, target: undefined, dim: [], rounding: undefined, name: undefined, cc: undefined };
  const observer = await buildObserver({ ...options, optimize: undefined }, quiet);
  try {
    const sums = await observer.run(samples, String);
    const subject = { modelSha256: '', modelName: '', inputs: [], preprocess: '' };
    return rangesOf({ ...emptyStatistics(subject), halves: [sums, new Map()] });
  } finally {
    observer.remove();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'qcc-quantization-'));
try {
  for (const [name, data] of Object.entries(models)) {
    if (!name.includes(process.argv[2] ?? '')) continue;
    const labelled = data();
    if (labelled === undefined) {
      console.log(`${name}: its data is not installed`);
      continue;
    }
    const file = join(shared, 'models', name);
    const { model } = decodeModel(readFileSync(file));
    const seen = await ranges(file, labelled.samples.slice(0, CALIBRATION));
    const samples = labelled.samples.slice(CALIBRATION);
    const labels = labelled.labels.subarray(CALIBRATION);
    const float = (await compiledAnswers(file, 'x86-avx2', samples)).map((t) => t.data);
    console.log(`${name}: float ${accuracy(float, labels).toFixed(2)}`);
    for (const [level, chosen] of Object.entries(levels)) {
      const quantization = { ...defaultQuantization, ...chosen };
      const made = quantizeModel(model, { ranges: seen, quantization, dims: new Map(), version: '' });
      const written = join(folder, 'q.onnx');
      writeFileSync(written, encodeModel(made.model));
      const answers = (await compiledAnswers(written, 'x86-avx2', samples)).map((t) => t.data);
      const agreed = answers.filter((a, i) => argmax(a) === argmax(float[i])).length / answers.length;
      const top1 = accuracy(answers, labels);
      console.log(
        `  ${level}: ${top1.toFixed(2)}, agreement ${(100 * agreed).toFixed(2)} %, ${noise(answers, float)} dB`,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** Signal to quantization noise of the outputs. */
function noise(got: readonly ArrayLike<number | bigint>[], want: readonly ArrayLike<number | bigint>[]): string {
  let [signal, error] = [0, 0];
  for (const [s, a] of want.entries())
    for (let i = 0; i < a.length; i++) {
      signal += Number(a[i]) ** 2;
      error += (Number(a[i]) - Number(got[s][i])) ** 2;
    }
  return (10 * Math.log10(signal / error)).toFixed(2);
}
