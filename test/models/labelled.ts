/** Labelled data outside the repository, as inputs of models, and the answers of a compiled model and of ONNX Runtime to them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { buildDriver } from '../../src/cli/drive.js';
import { type OnnxRuntime, type OrtMode, proveExact } from '../../src/cli/onnxruntime.js';
import type { Sample } from '../../src/cli/samples.js';
import { floatType, type Shape, type Tensor } from '../../src/ir/type.js';
import { shared } from '../cli/command.js';

export interface Labelled {
  readonly samples: readonly Sample[];
  readonly labels: Uint8Array;
}

const read = (path: string): Buffer => readFileSync(join(shared, 'data', path));

function cut(stored: Uint8Array, labels: Uint8Array, shape: Shape, real: (stored: number) => number): Labelled {
  const size = stored.length / labels.length;
  const samples = Array.from(labels, (_, i): Sample => {
    const data = Float32Array.from(stored.subarray(i * size, (i + 1) * size), real);
    return [{ type: floatType(shape), data }];
  });
  return { samples, labels };
}

/** 1000 keywords, 49 frames of 10 coefficients. */
export function keywords(): Labelled {
  const stored = read('kws01/kws01_x_1000x490_i8.bin');
  const labels = read('kws01/kws01_y_1000_u8.bin');
  return cut(stored, labels, [1, 49, 10, 1], (byte) => (((byte << 24) >> 24) - 83) * 0.5847029);
}

/** `count` pictures of CIFAR-10, pixels 0 to 255, NHWC. */
export function pictures(count: number): Labelled {
  const stored = read('cifar10_jpg/cifar10_test2000_32x32x3_u8.bin').subarray(0, count * 3072);
  const labels = read('cifar10_jpg/cifar10_test2000_y_u8.bin').subarray(0, count);
  return cut(stored, labels, [1, 32, 32, 3], (pixel) => pixel);
}

/** `count` digits of MNIST's test set; pixels 0 to `white`. */
export function digits(count: number, shape: Shape, white: number): Labelled {
  const stored = gunzipSync(read('mnist_t10k/t10k-images-idx3-ubyte.gz')).subarray(16, 16 + count * 784);
  const labels = gunzipSync(read('mnist_t10k/t10k-labels-idx1-ubyte.gz')).subarray(8, 8 + count);
  return cut(stored, labels, shape, (pixel) => (pixel / 255) * white);
}

/** The first output for each sample. All samples go through one process. */
export async function compiledAnswers(model: string, target: string, samples: readonly Sample[]): Promise<Tensor[]> {
  const options = { model, target, dim: [], rounding: undefined, name: undefined, cc: undefined };
  const driver = await buildDriver(options, false, { out: () => {}, say: () => {}, color: false });
  try {
    return (await driver.run(samples)).map((answer) => answer.outputs[0]);
  } finally {
    driver.remove();
  }
}

/** The same of ONNX Runtime, which has proved itself first where it is to be exact. */
export async function ortAnswers(
  runtime: OnnxRuntime,
  model: string | Uint8Array,
  mode: OrtMode,
  input: string,
  samples: readonly Sample[],
): Promise<Tensor['data'][]> {
  if (mode === 'exact') await proveExact(runtime);
  const opened = await runtime.open(model, mode);
  const answers: Tensor['data'][] = [];
  for (const [tensor] of samples) {
    const [output] = (await opened.run([{ name: input, tensor }])).values();
    answers.push(output);
  }
  await opened.release();
  return answers;
}

/** Index of the largest element, the first of equals. */
export function argmax(data: Tensor['data']): number {
  let best = 0;
  for (let i = 1; i < data.length; i++) if (data[i] > data[best]) best = i;
  return best;
}

/** Share of samples, in percent, whose largest score is that of the label. */
export function accuracy(answers: readonly Tensor['data'][], labels: Uint8Array): number {
  return (100 * answers.filter((answer, i) => argmax(answer) === labels[i]).length) / labels.length;
}
