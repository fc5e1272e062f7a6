// needs: c-compiler emulator
/**
 * The MLPerf Tiny models, compiled for every ISA, against LiteRT's reference kernels, byte for byte: on hostile and smooth
 * inputs, and on labelled samples, whose accuracy is therefore TFLite's. The answers lie in `references/`, made by `make.py`.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { lowerModel } from '../../src/compiler.js';
import type { Graph } from '../../src/ir/graph.js';
import type { Sample } from '../../src/ir/seeded.js';
import { elements, perTensor, quantType, type Shape } from '../../src/ir/type.js';
import { topologicalOrder } from '../../src/ir/walk.js';
import { readNpy } from '../../src/npy.js';
import { shared } from '../cli/command.js';
import { argmax, compiledAnswers } from '../models/labelled.js';
import { quickly } from '../quickly.js';

const references = fileURLToPath(new URL('references/', import.meta.url));
const native = process.arch === 'x64' ? 'x86-avx2' : 'arm-neon';
const models = ['ad', 'sww', 'kws', 'ic', 'vww'] as const;
const path = (model: string) => join(shared, 'models/mlperf-tiny', `${model}.tflite`);

interface Rows {
  readonly count: number;
  readonly shape: Shape;
  row(index: number): Int8Array;
}

function rowsOf(bytes: Uint8Array, count: number, shape: Shape): Rows {
  const size = bytes.length / count;
  const data = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  return { count, shape, row: (i) => data.slice(i * size, (i + 1) * size) };
}

function stored(file: string): Rows {
  const array = readNpy(readFileSync(join(references, file)), file);
  assert.ok(array.data instanceof Int8Array);
  const [count, ...shape] = array.shape;
  return rowsOf(new Uint8Array(array.data.buffer, array.data.byteOffset, array.data.length), count, shape);
}

function samplesOf(rows: Rows): Sample[] {
  const type = quantType('s8', rows.shape, perTensor(1, 0));
  return Array.from({ length: rows.count }, (_, i) => [{ type, data: rows.row(i) }]);
}

/** One of them as users compile it. */
const asUsers = 'kws';
const { CFLAGS } = process.env;

async function assertEqual(model: string, target: string, x: Rows, y: Rows): Promise<void> {
  process.env.CFLAGS = CFLAGS ?? (model === asUsers ? '' : quickly.join(' '));
  const answers = await compiledAnswers(path(model), target, samplesOf(x));
  assert.equal(answers.length, y.count);
  for (const [i, { data }] of answers.entries()) assert.deepEqual(data, y.row(i), `sample ${i}`);
}

for (const model of models)
  for (const target of ['scalar', 'x86-avx2', 'arm-neon'])
    test(`${model} for ${target}: LiteRT's bytes`, async () => {
      await assertEqual(model, target, stored(`${model}.x.npy`), stored(`${model}.y.npy`));
    });

function accuracyOf(y: Rows, labels: Uint8Array): number {
  return Array.from(labels, (label, i) => argmax(y.row(i)) === label).filter(Boolean).length / labels.length;
}

test('1000 keywords: 90.1 % as LiteRT, sample by sample', async () => {
  const x = rowsOf(readFileSync(join(shared, 'data/kws01/kws01_x_1000x490_i8.bin')), 1000, [1, 49, 10, 1]);
  const y = stored('kws01.y.npy');
  await assertEqual('kws', native, x, y);
  assert.equal(accuracyOf(y, readFileSync(join(shared, 'data/kws01/kws01_y_1000_u8.bin'))), 0.901);
});

test('2000 pictures of CIFAR-10: LiteRT, sample by sample', async () => {
  const pixels = readFileSync(join(shared, 'data/cifar10_jpg/cifar10_test2000_32x32x3_u8.bin'));
  const x = rowsOf(
    pixels.map((v) => v ^ 128),
    2000,
    [1, 32, 32, 3],
  );
  const y = stored('cifar10.y.npy');
  await assertEqual('ic', native, x, y);
  assert.equal(accuracyOf(y, readFileSync(join(shared, 'data/cifar10_jpg/cifar10_test2000_y_u8.bin'))), 0.7705);
});

test('vww: dead channels take half of the multiplications and most of the weights', () => {
  const { source, graph } = lowerModel({ model: readFileSync(path('vww')), fileName: 'vww.tflite' });
  const before = sizeOf(source);
  const after = sizeOf(graph);
  assert.equal(before.macs, 7489664);
  assert.equal(before.weights, 208112);
  assert.ok(after.macs <= 0.5 * before.macs, `${after.macs} multiplications of ${before.macs}`);
  assert.ok(after.weights <= 0.145 * before.weights, `${after.weights} weights of ${before.weights}`);
});

function sizeOf(graph: Graph): { readonly macs: number; readonly weights: number } {
  let [macs, weights] = [0, 0];
  for (const node of topologicalOrder(graph)) {
    if (node.kind !== 'conv2d' && node.kind !== 'conv2d-requant') continue;
    const w = node.operands[1].type.shape;
    macs += elements(node.results[0].type.shape) * elements(w.slice(1));
    weights += elements(w);
  }
  return { macs, weights };
}
