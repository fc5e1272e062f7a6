/**
 * The claim of int8, model by model: size, bytes moved, time and accuracy of the float build and of the one that qcc
 * quantized, on labelled data of shared/, calibrated on the first 200 samples and judged on the others, next to the best
 * of onnxruntime's quantize_static on the same samples (test/quantizer/peer.json, made by peer.py).
 * `npx tsx test/bench/float-int8.ts [--readme]` prints the table, and writes it into README.md.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { humanBytes } from '../../src/cli/facts.js';
import { writeNpy } from '../../src/npy.js';
import { qcc, root, shared } from '../cli/command.js';
import { digits, keywords, type Labelled, pictures } from '../models/labelled.js';
import { fashion } from '../quantizer/labelled-nets.js';
import { replaceSection } from './section.js';

const CALIBRATION = 200;

interface Case {
  readonly name: string;
  readonly file: string;
  readonly data: () => Labelled;
  /** Of one sample, as the model's input has it or as --preprocess says. */
  readonly shape: readonly number[];
  readonly preprocess: string | undefined;
}

const cases: readonly Case[] = [
  {
    name: 'ResNet8, CIFAR-10',
    file: 'resnet8_mlperf/resnet8_fp32.onnx',
    data: () => pictures(2000),
    shape: [32, 32, 3],
    preprocess: 'layout=nhwc',
  },
  {
    name: 'MobileNetV2-like, CIFAR-10',
    file: 'resnet8_mlperf/ic_alibaba_mbv2like_fp32.onnx',
    data: () => pictures(2000),
    shape: [32, 32, 3],
    preprocess: 'layout=nhwc,mean=125.3,123,113.9,std=63,62.1,66.7',
  },
  {
    name: 'DS-CNN, keywords',
    file: 'kws_dscnn_mlperf/kws_alibaba_fp32.onnx',
    data: keywords,
    shape: [49, 10, 1],
    preprocess: undefined,
  },
  {
    name: 'LeNet, MNIST',
    file: 'mnist8_lenet/mnist-8.onnx',
    data: () => digits(10_000, [1, 1, 28, 28], 255),
    shape: [1, 28, 28],
    preprocess: undefined,
  },
  ...['mlp', 'dscnn', 'vit'].map((net, i) => ({
    name: `${['MLP', 'DS-CNN', 'tiny ViT'][i]}, Fashion-MNIST`,
    file: `fmnist_own/fmnist_${net}_fp32.onnx`,
    data: clothes,
    shape: [1, 28, 28],
    preprocess: undefined,
  })),
];

function clothes(): Labelled {
  const found = fashion();
  if (found === undefined) throw new Error('no data: apt-get install dataset-fashion-mnist');
  return found;
}

const dir = mkdtempSync(join(tmpdir(), 'qcc-float-int8-'));

/** The answer of a command that prints JSON. */
function answer(...args: readonly string[]): (key: string, from?: unknown) => number {
  const { status, stdout, stderr } = qcc([...args, '--json']);
  if (status !== 0) throw new Error(`qcc ${args.join(' ')}: ${stderr}`);
  const value: unknown = JSON.parse(stdout);
  return (path) => {
    let at = value;
    for (const key of path.split('.')) at = typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined;
    if (typeof at !== 'number') throw new Error(`qcc ${args[0]} says no ${path}`);
    return at;
  };
}

function npy({ samples }: Labelled, shape: readonly number[], from: number, to: number | undefined): Uint8Array {
  const part = samples.slice(from, to);
  const data = Float32Array.from(part.flatMap(([{ data: x }]) => Array.from(x, Number)));
  return writeNpy({ element: 'f32', shape: [part.length, ...shape], data });
}

/** The best top-1 of quantize_static's calibrations, in percent; undefined where it cannot quantize the model. */
function peerOf(file: string): number | undefined {
  const stored: unknown = JSON.parse(readFileSync(join(root, 'test/quantizer/peer.json'), 'utf8'));
  const models: unknown = typeof stored === 'object' && stored !== null ? Reflect.get(stored, 'models') : undefined;
  const entry: unknown = typeof models === 'object' && models !== null ? Reflect.get(models, file) : undefined;
  if (typeof entry !== 'object' || entry === null) return undefined;
  const found = ['MinMax', 'Entropy', 'Percentile'].flatMap((method) => {
    const value: unknown = Reflect.get(entry, method);
    return typeof value === 'number' ? [value] : [];
  });
  return found.length === 0 ? undefined : Math.max(...found);
}

function row({ name, file, data, shape, preprocess }: Case): string {
  const model = join(shared, 'models', file);
  const labelled = data();
  const [calibration, validation, labels] = ['c.npy', 'v.npy', 'labels.npy'].map((n) => join(dir, n));
  writeFileSync(calibration, npy(labelled, shape, 0, CALIBRATION));
  writeFileSync(validation, npy(labelled, shape, CALIBRATION, undefined));
  const kept = labelled.labels.slice(CALIBRATION);
  writeFileSync(labels, writeNpy({ element: 'u8', shape: [kept.length], data: kept }));
  const prep = preprocess === undefined ? [] : ['--preprocess', preprocess];
  const int8 = join(dir, 'int8.onnx');
  const made = qcc(['quantize', model, '--calibrate', calibration, ...prep, '-o', int8]);
  if (made.status !== 0 || !existsSync(int8)) throw new Error(made.stderr);
  const judged = answer('eval', int8, '--data', validation, '--labels', labels, '--against', model, ...prep);
  const facts = [model, int8].map((m) => answer('inspect', m));
  // As the model has them: what a file holds of them, and what `build --optimize size` does.
  const stored = [model, int8].map((m) => answer('inspect', m, '--optimize', 'size'));
  const times = [model, int8].map((m) => answer('bench', m));
  const pair = (numbers: readonly number[], text: (x: number) => string): string =>
    `${text(numbers[0])} / ${text(numbers[1])} (${(numbers[0] / numbers[1]).toFixed(1)}x)`;
  const percent = (x: number): string => (100 * x).toFixed(2);
  const peer = peerOf(file);
  return `| ${[
    name,
    pair(
      stored.map((f) => f('weights_bytes')),
      humanBytes,
    ),
    pair(
      facts.map((f) => f('weights_bytes')),
      humanBytes,
    ),
    pair(
      facts.map((f) => f('traffic_bytes')),
      humanBytes,
    ),
    pair(
      times.map((t) => t('qcc.min_us')),
      (us) => `${us.toFixed(0)} us`,
    ),
    `${percent(judged('float.top1'))} / ${percent(judged('top1'))}`,
    percent(judged('agreement')),
    peer === undefined ? 'refuses' : peer.toFixed(2),
  ].join(' | ')} |`;
}

const rows: string[] = [];
const loads: number[] = [];
try {
  for (const one of cases) {
    rows.push(row(one));
    loads.push(loadavg()[0]);
    console.log(rows.at(-1));
  }
} finally {
  rmSync(dir, { recursive: true });
}
const table = [
  '| float / int8 | weights as stored | in the program | bytes moved per run | time, one thread | top-1 % | same answer % | quantize_static, best |',
  '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
  ...rows,
  '',
  `Smallest times while the load of the machine was up to ${Math.max(...loads).toFixed(0)}.`,
].join('\n');
if (process.argv.includes('--readme')) {
  const path = join(root, 'README.md');
  writeFileSync(path, replaceSection(readFileSync(path, 'utf8'), 'float and int8', table, 'block'));
} else console.log(table);
