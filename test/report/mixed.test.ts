// needs: c-compiler
/** `-Q2`: leaves in float what costs most, no more than that, the same every time; and reaches what was asked for. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { corrected } from '../../src/cli/mixed-precision.js';
import { findOnnxRuntime } from '../../src/cli/onnxruntime.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { f32Data, floatType } from '../../src/ir/type.js';
import { writeNpy } from '../../src/npy.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { importModel } from '../../src/onnx/import.js';
import { qcc } from '../cli/command.js';
import { node, onnxModel, tensor, value } from '../onnx/model-builder.js';
import { quickly } from '../quickly.js';

// Many programs are compiled to be run once.
process.env.CFLAGS ??= quickly.join(' ');
const folder = mkdtempSync(join(tmpdir(), 'qcc-mixed-'));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

let state = 5;
const random = (): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 31 - 1;
};
const weights = (dims: readonly number[], scale: (i: number) => number = () => 0.5) =>
  tensor(
    'f32',
    dims,
    Array.from({ length: dims.reduce((p, d) => p * d, 1) }, (_, i) => Math.fround(random() * scale(i))),
  );

/**
 * Three convolutions. The first makes one channel that is 2000 times larger than the others, which the second reads with
 * weights as much smaller: 8 bits for the tensor between them leave nothing of the small channels, and scaling channels alike
 * cannot help beyond the HardSwish. The others are harmless.
 */
const spread = (channel: number): number => (channel === 0 ? 2000 : 1);
const model = onnxModel({
  opset: 14,
  inputs: [value('x', 'f32', [1, 4, 6, 6])],
  outputs: [value('y', 'f32', [1, 8, 6, 6])],
  initializers: {
    w0: weights([6, 4, 1, 1]),
    w1: weights([8, 6, 1, 1], (i) => spread(Math.floor(i / 6))),
    w2: weights([8, 8, 1, 1], (i) => 1 / spread(i % 8)),
    w3: weights([8, 8, 1, 1]),
  },
  nodes: [
    node('Conv', ['x', 'w0'], ['a'], {}, 'entry'),
    node('Conv', ['a', 'w1'], ['b'], {}, 'spread'),
    node('HardSwish', ['b'], ['h'], {}, 'swish'),
    node('Conv', ['h', 'w2'], ['c'], {}, 'gather'),
    node('Conv', ['c', 'w3'], ['y'], {}, 'exit'),
  ],
});
const COUNT = 8;
const data = Float32Array.from({ length: COUNT * 144 }, random);
writeFileSync(at('m.onnx'), encodeModel(model));
writeFileSync(at('x.npy'), writeNpy({ element: 'f32', shape: [COUNT, 4, 6, 6], data }));

/** Signal to noise of the outputs by the interpreter, which the search does not use. */
function sqnr(file: string): number {
  const run = (path: string): Float32Array[] => {
    const { graph } = importModel(decodeModel(readFileSync(path)).model, {
      dims: new Map(),
      rounding: 'onnx',
      name: 'm',
    });
    return Array.from({ length: COUNT }, (_, s) => {
      const x = { type: floatType([1, 4, 6, 6]), data: data.slice(s * 144, (s + 1) * 144) };
      const y = evaluateGraph(graph, new Map([['x', x]])).get('y');
      assert.ok(y !== undefined);
      return f32Data(y);
    });
  };
  const [float, mixed] = [run(at('m.onnx')), run(file)];
  let [signal, noise] = [0, 0];
  for (const [s, want] of float.entries())
    for (const [i, x] of want.entries()) {
      signal += x * x;
      noise += (x - mixed[s][i]) ** 2;
    }
  return 10 * Math.log10(signal / noise);
}

const quantize = (output: string, ...more: readonly string[]) =>
  qcc(['quantize', at('m.onnx'), '--calibrate', at('x.npy'), '-o', at(output), '--json', ...more]);

test('the layer whose input 8 bits cannot hold stays float, and no more than the goal needs; twice the same', async () => {
  const plain = quantize('q1.onnx');
  assert.equal(plain.status, 0, plain.stderr);
  const first = quantize('a.onnx', '-Q2');
  assert.equal(first.status, 0, first.stderr);
  const { mixed, quantized_layers } = JSON.parse(first.stdout);
  assert.ok(quantized_layers >= 2 && quantized_layers <= 3, JSON.stringify(mixed.front));
  const changed = [...mixed.float_layers, ...mixed.int16_layers];
  assert.ok(changed.includes('gather') || changed.includes('spread'), JSON.stringify(mixed));
  assert.equal(mixed.reached, true);
  const [before, now] = [sqnr(at('q1.onnx')), sqnr(at('a.onnx'))];
  assert.ok(before < 30 && now >= 30, `${before} dB, then ${now} dB`);
  // Float sums here, integer sums there: what the search saw is what the file does.
  assert.ok(Math.abs(before - mixed.sqnr_before_db) < 0.1, `${before} dB, seen ${mixed.sqnr_before_db}`);
  assert.ok(Math.abs(now - mixed.sqnr_db) < 0.1, `${now} dB, seen ${mixed.sqnr_db}`);

  const build = (...args: readonly string[]) => qcc(['build', ...args, '--name', 'm', '--emit', 'c', '--json']);
  const direct = build(at('m.onnx'), '--calibrate', at('x.npy'), '-Q2', '-o', at('direct'));
  assert.equal(direct.status, 0, direct.stderr);
  assert.deepEqual(JSON.parse(direct.stdout).mixed, mixed, 'build judges layers as quantize does');
  assert.equal(build(at('a.onnx'), '-o', at('indirect')).status, 0);
  const constants = (dir: string): string =>
    readFileSync(join(at(dir), 'm_weights.c'), 'utf8').replace(/^\/\*.*$/gm, '');
  assert.equal(constants('direct'), constants('indirect'), 'build makes what quantize wrote');
  assert.match(build(at('m.onnx'), '-Q2', '-o', at('none')).stderr, /-Q2 is for --calibrate/);

  const runtime = await findOnnxRuntime();
  assert.ok(runtime !== undefined);
  const loaded = await runtime.open(at('a.onnx'), 'exact');
  const verified = qcc(['verify', at('a.onnx'), '--json', '--max-steps', '1']);
  await loaded.release();
  assert.equal(verified.status, 0, verified.stdout + verified.stderr);
});

/**
 * Two convolutions whose results nearly cancel: what they leave is smaller than a step of 8 bits. Weights and inputs lie on their
 * grids, so that activations alone decide. Floats are forbidden.
 */
const rows = Array.from({ length: 8 }, (_, o) =>
  Array.from({ length: 4 }, (_, i) => (i === o % 4 ? 126 : Math.round(random() * 100))),
);
const nearly = rows.map((row) => row.map((w) => -w + Math.round(random())));
const onGrid = (list: readonly (readonly number[])[]) =>
  tensor(
    'f32',
    [8, 4, 1, 1],
    list.flat().map((w) => Math.fround(w / 127)),
  );
const cancelling = onnxModel({
  opset: 14,
  inputs: [value('x', 'f32', [1, 4, 6, 6])],
  outputs: [value('y', 'f32', [1, 8, 6, 6])],
  initializers: { w0: onGrid(rows), w1: onGrid(nearly), w2: weights([8, 8, 1, 1]) },
  nodes: [
    node('Conv', ['x', 'w0'], ['a'], {}, 'plus'),
    node('Conv', ['x', 'w1'], ['b'], {}, 'minus'),
    node('Add', ['a', 'b'], ['c'], {}, 'cancel'),
    node('Conv', ['c', 'w2'], ['y'], {}, 'exit'),
  ],
});
writeFileSync(at('c.onnx'), encodeModel(cancelling));
const grid = Float32Array.from({ length: COUNT * 144 }, () => Math.round(random() * 127) / 64);
writeFileSync(at('g.npy'), writeNpy({ element: 'f32', shape: [COUNT, 4, 6, 6], data: grid }));

test('int16 activations keep what 8 bits lose where floats are forbidden, on a microcontroller too', () => {
  const args = [
    'quantize',
    at('c.onnx'),
    '--calibrate',
    at('g.npy'),
    '-o',
    at('i16.onnx'),
    '-Q2',
    '--integer-only',
    '--json',
  ];
  const made = qcc(args);
  assert.equal(made.status, 0, made.stderr);
  const { mixed, float_nodes } = JSON.parse(made.stdout);
  assert.deepEqual([mixed.float_layers, float_nodes], [[], []]);
  assert.ok(mixed.int16_layers.includes('cancel'), `${mixed.int16_layers}`);
  assert.ok(mixed.sqnr_before_db < 15 && mixed.sqnr_db >= 30, `${mixed.sqnr_before_db} dB, then ${mixed.sqnr_db} dB`);
  assert.equal(mixed.front[0].to, 's16');
  assert.ok(mixed.front[0].noise_removed > 0.5);
  // ONNX Runtime computes what is stored in 16 bits in float32.
  const verified = qcc(['verify', at('i16.onnx'), '--json', '--max-steps', '1']);
  assert.equal(verified.status, 0, verified.stdout + verified.stderr);
  const firmware = [
    'build',
    at('i16.onnx'),
    '--target',
    'cortex-m4',
    '--emit',
    'c',
    '--name',
    'm',
    '-o',
    at('m4'),
    '--json',
  ];
  assert.equal(qcc(firmware).status, 0);
  const text = readFileSync(join(at('m4'), 'm.c'), 'utf8');
  assert.match(text, /qcc_add_q16/);
  assert.match(text, /OUT_S16|\.out = 3|, 3,/);
});

test("a goal is -Q2's alone", () => {
  const goal = quantize('n.onnx', '--max-drop', '1%');
  assert.equal(goal.status, 2);
  assert.match(goal.stderr, /--max-drop is the goal of -Q2/);
});

test('the search aims higher by what its switches promise too much', () => {
  const sqnr = { kind: 'sqnr', db: 30 } as const;
  assert.deepEqual(corrected(sqnr, { sqnr: 30.2, agreement: 1 }, { sqnr: 29.5, agreement: 1 }), {
    kind: 'sqnr',
    db: 30.7,
  });
  const share = { kind: 'agreement', share: 0.99 } as const;
  assert.deepEqual(corrected(share, { sqnr: 30, agreement: 1 }, { sqnr: 30, agreement: 0.96875 }), {
    kind: 'agreement',
    share: 1,
  });
});
