// needs: c-compiler
/** qcc eval: ranks and shares against counts made here, labels of every form, the gate, overlap with the calibration. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { discordant, rankOf, wilson } from '../../src/cli/scores.js';
import { readLabels } from '../../src/data/labels.js';
import { openSource } from '../../src/data/open.js';
import { digestOf, selected } from '../../src/data/select.js';
import { QccError } from '../../src/diagnostics/diagnostic.js';
import { param } from '../../src/ir/build.js';
import { floatType } from '../../src/ir/type.js';
import { writeNpy } from '../../src/npy.js';
import { model, node, tensor, value } from '../onnx/model-builder.js';
import { qcc } from './command.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-eval-test-'));
after(() => rmSync(dir, { recursive: true, force: true }));

function write(path: string, content: string | Uint8Array): string {
  const place = join(dir, path);
  mkdirSync(join(place, '..'), { recursive: true });
  writeFileSync(place, content);
  return place;
}

test('ranks: larger scores and equal ones before; intervals and p-values by their formulas', () => {
  const scores = { type: floatType([1, 4]), data: Float32Array.from([1, 3, 3, 2]) };
  assert.deepEqual(
    [0, 1, 2, 3].map((label) => rankOf(scores, label)),
    [3, 0, 1, 2],
  );
  const [low, high] = wilson(90, 100);
  assert.ok(Math.abs(low - 0.8256) < 1e-4 && Math.abs(high - 0.9448) < 1e-4, `${low} ${high}`);
  assert.deepEqual(wilson(0, 10)[0], 0);
  // (1 + 5) / 2^5 both ways; by chance alone where nothing changed.
  assert.ok(Math.abs(discordant(1, 4) - 2 * (6 / 32)) < 1e-12);
  assert.equal(discordant(0, 0), 1);
  assert.ok(discordant(2000, 1000) < 1e-60);
});

test('labels: .npy, IDX, text with names of classes, bytes', () => {
  const npy = writeNpy({ element: 's64', shape: [3], data: BigInt64Array.from([2n, 0n, 1n]) });
  assert.deepEqual(readLabels(write('l.npy', npy), undefined), [2, 0, 1]);
  assert.deepEqual(readLabels(write('l-idx1', Buffer.from([0, 0, 8, 1, 0, 0, 0, 2, 7, 9])), undefined), [7, 9]);
  assert.deepEqual(readLabels(write('l.csv', 'file,label\na.png,1\nb.png,dog\n'), ['cat', 'dog']), [1, 1]);
  assert.deepEqual(readLabels(write('l.bin', Buffer.from([3, 4])), undefined), [3, 4]);
  const bad = writeNpy({ element: 'f32', shape: [1], data: Float32Array.from([-1]) });
  for (const [file, content] of [
    ['n.npy', bad],
    ['n.txt', '1\nwolf\n'],
  ] as const)
    assert.throws(
      () => readLabels(write(file, content), ['cat']),
      (e) => e instanceof QccError && e.diagnostics[0].code === 'Q0816',
    );
});

/** Scores are the input itself, or all but nothing of element 2. */
const scale = (factors: readonly number[], metadata: Readonly<Record<string, string>> = {}) =>
  model({
    inputs: [value('x', 'f32', [1, 3])],
    outputs: ['y'],
    initializers: { f: tensor('f32', [3], factors) },
    nodes: [node('Mul', ['x', 'f'], ['y'])],
    metadata,
  });
const rows = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0.5, 1],
  [0, 0, 1],
  [0.5, 1, 0],
];
const labels = [0, 1, 2, 0, 1];

test('counts, agreement and the gate, for a model and for a build folder', () => {
  const data = write('x.npy', writeNpy({ element: 'f32', shape: [5, 3], data: Float32Array.from(rows.flat()) }));
  const given = write('y.txt', labels.join('\n'));
  const [float, worse] = [write('float.onnx', scale([1, 1, 1])), write('worse.onnx', scale([1, 1, 0.25]))];
  const folder = join(dir, 'built');
  assert.equal(qcc(['build', worse, '-o', folder, '--target', 'scalar']).status, 0);
  const want = {
    samples: 5,
    labelled: 5,
    top1: 0.6,
    top5: 1,
    agreement: 0.8,
    drop: 0.2,
    only_float_right: 1,
    only_model_right: 0,
  };
  for (const artifact of [worse, folder]) {
    const ended = qcc([
      'eval',
      artifact,
      '--data',
      data,
      '--labels',
      given,
      '--against',
      float,
      '--json',
      '--target',
      'scalar',
    ]);
    assert.equal(ended.status, 0, ended.stderr);
    const answer: unknown = JSON.parse(ended.stdout);
    assert.ok(typeof answer === 'object' && answer !== null);
    for (const [key, number] of Object.entries(want))
      assert.ok(Math.abs(Number(Reflect.get(answer, key)) - number) < 1e-9, `${key} of ${ended.stdout}`);
  }
  const gate = (drop: string) =>
    qcc(['eval', worse, '--data', data, '--labels', given, '--against', float, '--max-drop', drop]);
  const failed = gate('10%');
  assert.equal(failed.status, 3);
  assert.match(
    failed.stderr,
    /error\[Q0815\]: top-1 drops by 20.00 points, from 80.00 % to 60.00 %: 10.00 are allowed/,
  );
  assert.match(failed.stdout, /top-1 +60.00 % \(95 %: /);
  assert.equal(gate('0.2').status, 0);
});

test('a metric of the user judges what no rank can', () => {
  const data = write('m.npy', writeNpy({ element: 'f32', shape: [5, 3], data: Float32Array.from(rows.flat()) }));
  const given = write('m.txt', labels.join('\n'));
  const [float, worse] = [write('mf.onnx', scale([1, 1, 1])), write('mw.onnx', scale([1, 1, 0.25]))];
  // Top-1 counted by another program from the files.
  const script = write(
    'metric.cjs',
    `const { readFileSync } = require('node:fs');
const body = (f) => { const b = readFileSync(process.argv[2] + '/' + f); return b.subarray(10 + b.readUInt16LE(8)); };
const y = body('output0.npy'), l = body('labels.npy'), names = readFileSync(process.argv[2] + '/samples.txt', 'utf8').trim().split('\\n');
let right = 0;
for (let i = 0; i < l.length / 8; i++) {
  const row = [0, 1, 2].map((k) => y.readFloatLE(4 * (3 * i + k)));
  if (row.indexOf(Math.max(...row)) === Number(l.readBigInt64LE(8 * i))) right++;
}
if (!/'shape': \\(5, 1, 3\\)/.test(readFileSync(process.argv[2] + '/output0.npy', 'latin1')) || names.length !== 5) process.exit(9);
console.log('of 5 samples');
console.log(right / 5);
`,
  );
  const judged = (command: string, ...more: string[]) =>
    qcc(['eval', worse, '--data', data, '--labels', given, '--target', 'scalar', '--metric-cmd', command, ...more]);
  const ended = judged(`node ${script} {}`, '--against', float, '--max-drop', '0.1', '--json');
  assert.equal(ended.status, 3, ended.stderr);
  const answer: { readonly metric: unknown; readonly drop: number } = JSON.parse(ended.stdout);
  assert.deepEqual(answer.metric, { value: 0.6, float: 0.8 });
  assert.ok(Math.abs(answer.drop - 0.2) < 1e-12);
  assert.match(ended.stderr, /"Q0815".*--metric-cmd says 0.6, of the float model 0.8/);
  const failed = judged('echo no number; exit 0');
  assert.match(failed.stderr, /error\[Q0856\]: --metric-cmd: its last line is "no number", no number/);
  assert.equal(failed.status, 1);
});

test('what cannot be judged says why; samples of the calibration are told', async () => {
  const data = write('x2.npy', writeNpy({ element: 'f32', shape: [5, 3], data: Float32Array.from(rows.flat()) }));
  const x = param('x', floatType([1, 3]));
  const [first, second] = selected(await openSource(data, [x]), { samples: undefined, seed: 0, shard: undefined });
  const digits = [first, second].map((sample) => digestOf(sample).slice(0, 8)).join('');
  const float = write('plain.onnx', scale([1, 1, 1]));
  const calibrated = write('calibrated.onnx', scale([1, 1, 1], { qcc_calibration_samples: digits }));
  const said = qcc(['eval', calibrated, '--data', data, '--labels', write('y5.txt', labels.join('\n'))]);
  assert.equal(said.status, 0, said.stderr);
  assert.match(said.stderr, /warning\[Q0814\]: 2 of 5 samples are ones the model was calibrated on/);
  const none = qcc(['eval', float, '--data', data]);
  assert.match(none.stderr, /error\[Q0816\]: .*x2.npy: its samples have no labels/);
  assert.equal(none.status, 1);
  assert.match(
    qcc(['eval', float, '--data', data, '--labels', write('y4.txt', '0\n1\n')]).stderr,
    /2 labels for 5 samples/,
  );
  assert.match(
    qcc(['eval', float, '--data', data, '--labels', write('y9.txt', '0\n1\n9\n0\n0')]).stderr,
    /label 9, but the model has 3 classes/,
  );
  assert.equal(qcc(['eval', float, '--data', data, '--max-drop', '1%']).status, 2);
  assert.equal(qcc(['eval', float, '--data', data, '--against', float, '--max-drop', 'much']).status, 2);
});

test('a build that was calibrated on the way knows its samples', () => {
  const dense = model({
    inputs: [value('x', 'f32', [1, 3])],
    outputs: ['y'],
    initializers: { w: tensor('f32', [3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1]) },
    nodes: [node('Gemm', ['x', 'w'], ['y'])],
  });
  const float = write('dense.onnx', dense);
  const data = write('x3.npy', writeNpy({ element: 'f32', shape: [5, 3], data: Float32Array.from(rows.flat()) }));
  const folder = join(dir, 'calibrated');
  const made = qcc(['build', float, '--calibrate', data, '-o', folder, '--target', 'scalar']);
  assert.equal(made.status, 0, made.stderr);
  const args = ['--data', data, '--labels', write('y3.txt', labels.join('\n')), '--against', float, '--json'];
  const judged = qcc(['eval', folder, ...args]);
  assert.equal(judged.status, 0, judged.stderr);
  const answer: unknown = JSON.parse(judged.stdout);
  assert.ok(typeof answer === 'object' && answer !== null);
  assert.deepEqual([Reflect.get(answer, 'calibration_overlap'), Reflect.get(answer, 'agreement')], [5, 1]);
});
