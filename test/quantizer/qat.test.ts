// needs: seconds
/**
 * A network trained with PyTorch's quantization-aware training (qat/train.py): no data is needed, the trained ranges are kept
 * exactly, reduced ones (0..127) too, and both of PyTorch's exporters end in the same program.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { needOnnxRuntime } from '../../src/cli/onnxruntime.js';
import { lowerModel } from '../../src/compiler.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { floatNodes } from '../../src/ir/float-ops.js';
import { numbers, type Tensor } from '../../src/ir/type.js';
import { topologicalOrder } from '../../src/ir/walk.js';
import { accuracy, argmax, digits } from '../models/labelled.js';

const folder = new URL('qat/', import.meta.url);
const files = ['mnist_qat.onnx', 'mnist_qat_dynamo.onnx'];
const bytes = (file: string) => readFileSync(new URL(file, folder));
const graphs = files.map((file) => lowerModel({ model: bytes(file), fileName: file }).graph);
const all = digits(10000, [1, 1, 28, 28], 1);
/** What the network was not trained on. */
const samples = all.samples.slice(8000);
const labels = all.labels.subarray(8000);
const trained: unknown = JSON.parse(readFileSync(new URL('accuracy.json', folder), 'utf8'));

function answers(graph: (typeof graphs)[number], count: number): Tensor[] {
  return samples.slice(0, count).map(([image]) => {
    const [scores] = evaluateGraph(graph, new Map([['image', image]])).values();
    return scores;
  });
}

test('every layer computes on integers, in the ranges that were trained', () => {
  for (const graph of graphs) {
    assert.deepEqual(floatNodes(graph), []);
    const activations = topologicalOrder(graph)
      .flatMap((node) => node.results)
      .flatMap(({ type }) => (type.kind === 'quant' && type.element === 'u8' ? [type] : []));
    assert.ok(activations.length >= 4);
    for (const type of activations) assert.deepEqual([type.range[0] >= 0, type.range[1]], [true, 127]);
    // No stored value leaves its range on any sample, and the upper end is reached: nothing is halved on the way.
    let largest = 0;
    for (const [image] of samples.slice(0, 20))
      evaluateGraph(graph, new Map([['image', image]]), (value, tensor) => {
        if (value.type.kind !== 'quant' || value.type.element !== 'u8') return;
        for (const stored of numbers(tensor)) {
          assert.ok(stored >= value.type.range[0] && stored <= value.type.range[1]);
          largest = Math.max(largest, stored);
        }
      });
    assert.equal(largest, 127);
  }
});

test('both exporters of PyTorch give the same scores, bit for bit', () => {
  const [a, b] = graphs.map((graph) => answers(graph, 100).map((t) => numbers(t)));
  assert.deepEqual(a, b);
});

test('the accuracy is that of the fake-quantized network in PyTorch', () => {
  const found = accuracy(
    answers(graphs[0], samples.length).map((t) => t.data),
    labels,
  );
  assert.ok(typeof trained === 'object' && trained !== null && 'fake_quant' in trained);
  assert.ok(Math.abs(found - Number(trained.fake_quant)) <= 0.05, `${found}, trained ${trained.fake_quant}`);
});

test('ONNX Runtime, which computes it in floats, chooses the same class; scores differ by single steps of one layer', async () => {
  const runtime = await needOnnxRuntime();
  for (const [i, file] of files.entries()) {
    const session = await runtime.open(bytes(file), 'as-written');
    const ours = answers(graphs[i], 200);
    for (const [s, [tensor]] of samples.slice(0, 200).entries()) {
      const [theirs] = (await session.run([{ name: 'image', tensor }])).values();
      assert.equal(argmax(ours[s].data), argmax(theirs));
      const largest = numbers(ours[s]).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
      for (const [k, v] of numbers(ours[s]).entries()) assert.ok(Math.abs(v - Number(theirs[k])) <= largest / 50);
    }
    await session.release();
  }
});
