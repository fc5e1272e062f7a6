// needs: c-compiler
/** `qcc quantize` as a user calls it: samples in, one file out, the same bytes every time, and nothing on a failure. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { writeNpy } from '../../src/npy.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { cnn, feedForward } from '../quantizer/float-models.js';
import { quickly } from '../quickly.js';
import { qcc } from './command.js';

// Programs that observe a model run once.
process.env.CFLAGS ??= quickly.join(' ');

const folder = mkdtempSync(join(tmpdir(), 'qcc-quantize-'));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

/** `count` samples of a shape, between -1 and 1. */
function samples(name: string, count: number, shape: readonly number[]): string {
  const data = Float32Array.from({ length: shape.reduce((p, d) => p * d, count) }, (_, i) => Math.sin(i * i));
  writeFileSync(at(name), writeNpy({ element: 'f32', shape: [count, ...shape], data }));
  return at(name);
}

writeFileSync(at('cnn.onnx'), encodeModel(cnn()));
writeFileSync(at('ff.onnx'), encodeModel(feedForward()));
const images = samples('images.npy', 12, [1, 3, 8, 8]);
const rows = samples('rows.npy', 12, [1, 5, 16]);

test('a float CNN and samples make an 8-bit model, twice the same bytes', () => {
  const args = ['quantize', at('cnn.onnx'), '--calibrate', images];
  const first = qcc([...args, '-o', at('a.onnx')]);
  assert.equal(first.status, 0, first.stderr);
  assert.match(first.stdout, /^wrote +\S+a\.onnx, .* 2\.\dx larger than/);
  assert.match(first.stdout, /layers +5 of 5 on 8 bits, -Q1/);
  assert.match(first.stdout, /float +nothing/);
  assert.equal(qcc([...args, '-o', at('b.onnx')]).status, 0);
  assert.deepEqual(readFileSync(at('a.onnx')), readFileSync(at('b.onnx')));
  const { graph } = decodeModel(readFileSync(at('a.onnx'))).model;
  assert.deepEqual([graph.inputs[0].name, graph.outputs[0].name], ['x', 'y']);
});

test('-Q3 rounds weights for the output of their layers: other bytes, the same ones again, in build too', () => {
  const args = ['quantize', at('cnn.onnx'), '--calibrate', images, '-Q3'];
  const [one, two] = ['q3.onnx', 'q3-again.onnx'].map((name) => {
    const ended = qcc([...args, '-o', at(name)]);
    assert.equal(ended.status, 0, ended.stderr);
    const [, kept, all] = /rounding +(\d) of (\d) layers have weights rounded/.exec(ended.stdout) ?? [];
    const refused = ended.stdout.match(/: weights rounded to nearest: /g)?.length ?? 0;
    assert.ok(Number(kept) > 0 && Number(kept) + refused === Number(all), ended.stdout);
    return readFileSync(at(name));
  });
  assert.deepEqual(one, two);
  const plain = qcc(['quantize', at('cnn.onnx'), '--calibrate', images, '-o', at('q1.onnx')]);
  assert.equal(plain.status, 0);
  const scales = (file: string) =>
    [...decodeModel(readFileSync(file)).model.graph.initializers].filter(([name]) => /scale/.test(name));
  assert.deepEqual(scales(at('q3.onnx')), scales(at('q1.onnx')));
  assert.notDeepEqual(one, readFileSync(at('q1.onnx')));
  assert.equal(qcc(['build', at('cnn.onnx'), '-Q3', '-o', at('none')]).status, 2);
});

test('building with the same samples is building what was written; --integer-only holds there too', () => {
  const built = qcc(['build', at('cnn.onnx'), '--calibrate', images, '--integer-only', '-o', at('direct')]);
  assert.equal(built.status, 0, built.stderr);
  assert.equal(
    qcc(['quantize', at('cnn.onnx'), '--calibrate', images, '--integer-only', '-o', at('c.onnx')]).status,
    0,
  );
  const sample = samples('sample.npy', 1, [3, 8, 8]);
  const answers = [at('direct'), at('c.onnx')].map((model, i) => {
    const ended = qcc(['run', model, '--input', sample, '--output', at(`y${i}.npy`)]);
    assert.equal(ended.status, 0, ended.stderr);
    return readFileSync(at(`y${i}.npy`));
  });
  assert.deepEqual(answers[0], answers[1]);
});

test('--for tensorrt writes symmetric quantization with float biases', () => {
  const ended = qcc(['quantize', at('cnn.onnx'), '--calibrate', images, '-o', at('trt.onnx'), '--for', 'tensorrt']);
  assert.equal(ended.status, 0, ended.stderr);
  const { initializers } = decodeModel(readFileSync(at('trt.onnx'))).model.graph;
  assert.ok([...initializers.values()].every((t) => t.elementType !== 'u8' && t.elementType !== 's32'));
});

test('--mode weights stores them in 8 or 4 bits, in the file and in the program, which is the same either way', () => {
  const four = ['--mode', 'weights', '--weights', 's4'];
  const ended = qcc(['quantize', at('ff.onnx'), ...four, '-o', at('w4.onnx'), '--json']);
  assert.equal(ended.status, 0, ended.stderr);
  const { mode, weights, quantized_layers } = JSON.parse(ended.stdout);
  assert.deepEqual({ mode, weights, quantized_layers }, { mode: 'weights', weights: 's4', quantized_layers: 2 });
  for (const [model, name, options] of [
    ['w4.onnx', 'from-file', []],
    ['ff.onnx', 'from-float', four],
  ] as const) {
    const built = qcc(['build', at(model), '--name', 'm', '--emit', 'c', '-o', at(name), ...options]);
    assert.equal(built.status, 0, built.stderr);
  }
  // All but the banner, which names the model file.
  const [a, b] = ['from-file', 'from-float'].map((name) =>
    readFileSync(at(`${name}/m_weights.c`), 'utf8')
      .split('_Alignas')
      .slice(1),
  );
  assert.ok(a.length > 2);
  assert.deepEqual(a, b);
  assert.match(readFileSync(at('from-float/m.c'), 'utf8'), /linear_stored/);
});

test('--mode dynamic needs no data, and takes none', () => {
  const ended = qcc(['quantize', at('ff.onnx'), '--mode', 'dynamic', '-o', at('dynamic.onnx')]);
  assert.equal(ended.status, 0, ended.stderr);
  assert.match(ended.stdout, /layers +2 of 2 on 8 bits, activations at run time/);
  const both = qcc(['quantize', at('ff.onnx'), '--mode', 'dynamic', '--calibrate', rows, '-o', at('dynamic.onnx')]);
  assert.equal(both.status, 2);
  const byRow = qcc([
    'quantize',
    at('ff.onnx'),
    '--mode',
    'dynamic',
    '--activations',
    'per-row',
    '-o',
    at('rows.onnx'),
    '--json',
  ]);
  const { activations, quantized_layers } = JSON.parse(byRow.stdout);
  assert.deepEqual([activations, quantized_layers], ['per-row', 2]);
  const without = qcc(['quantize', at('ff.onnx'), '--activations', 'per-row', '-o', at('rows.onnx')]);
  assert.equal(without.status, 2);
  assert.match(without.stderr, /--activations per-row is for --mode dynamic/);
});

test('-Q0 takes the range of all that was seen; the JSON says what was done', () => {
  const ended = qcc(['quantize', at('cnn.onnx'), '--calibrate', images, '-o', at('q0.onnx'), '-Q0', '--json']);
  assert.equal(ended.status, 0, ended.stderr);
  const { output, effort, layers, quantized_layers, float_nodes } = JSON.parse(ended.stdout);
  assert.deepEqual(
    { output, effort, layers, quantized_layers, float_nodes },
    { output: at('q0.onnx'), effort: 0, layers: 5, quantized_layers: 5, float_nodes: [] },
  );
});

test('--integer-only refuses a LayerNormalization, names it, and writes nothing', () => {
  const ended = qcc(['quantize', at('ff.onnx'), '--calibrate', rows, '-o', at('ff8.onnx'), '--integer-only']);
  assert.equal(ended.status, 3);
  assert.match(ended.stderr, /error\[Q0842\]: LayerNormalization would compute on floats[\s\S]*node "norm"/);
  assert.ok(!existsSync(at('ff8.onnx')));
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('.')),
    [],
  );
});

test('without data, or without a place to write to, it says what is missing', () => {
  const noData = qcc(['quantize', at('cnn.onnx'), '-o', at('c.onnx')]);
  assert.equal(noData.status, 2);
  assert.match(noData.stderr, /needs data[\s\S]*--calibrate DATA/);
  const nowhere = qcc(['quantize', at('cnn.onnx'), '--calibrate', images]);
  assert.equal(nowhere.status, 2);
  assert.match(nowhere.stderr, /-o OUT\.onnx/);
});
