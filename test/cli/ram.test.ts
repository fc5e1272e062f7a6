// needs: c-compiler
/** `--optimize ram`: the arenas of the MLPerf Tiny models, and the same answers as whole steps give. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { lowerModel, placeGraph } from '../../src/compiler.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { type Optimize, policyOf } from '../../src/target/policy.js';
import { qcc, shared } from './command.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-ram-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const assets = loadAssets();
const targets = loadTargets();

/** Most bytes of the arena, their quantized input in it, as whole steps and in RAM mode: embedded-anchors.md 7. */
const models = [
  { name: 'ad', file: 'ad01_autoencoder/ad01_int8_qdq.onnx', whole: 800, ram: 800 },
  { name: 'sww', file: 'mlperf-tiny/sww_qdq.onnx', whole: 8000, ram: 6000 },
  { name: 'kws', file: 'kws_dscnn_mlperf/kws_int8_qdq.onnx', whole: 16000, ram: 13000 },
  { name: 'ic', file: 'resnet8_mlperf/resnet8_int8_qdq.onnx', whole: 34000, ram: 21000 },
  { name: 'vww', file: 'vww_mobilenetv1/vww_int8_qdq.onnx', whole: 55300, ram: 33000 },
];

for (const { name, file, whole, ram } of models)
  test(`${name}: at most ${whole} bytes of arena, ${ram} in RAM mode`, () => {
    const { graph } = lowerModel({ model: readFileSync(join(shared, 'models', file)), fileName: 'm.onnx' });
    const arena = (target: string, optimize: Optimize | undefined) => {
      const found = findTarget(targets, target);
      return placeGraph(graph, found, assets, policyOf(optimize, found));
    };
    for (const target of ['scalar', 'cortex-m4']) {
      const [plain, streamed] = [arena(target, undefined), arena(target, 'ram')];
      assert.ok(plain.arenaBytes <= whole, `${target}: ${plain.arenaBytes}`);
      if (target === 'scalar') assert.equal(plain.arenaBytes, plain.arenaLowerBound, 'the arena is not proved optimal');
      assert.ok(streamed.arenaBytes <= ram, `${target}, RAM mode: ${streamed.arenaBytes}`);
    }
  });

/** Residual additions that stay steps of their own, as TFLite rounds them; the input belongs to the caller. */
test('ic.tflite: at most 34.1 KB of arena as whole steps, 21 in RAM mode', () => {
  const { graph } = lowerModel({
    model: readFileSync(join(shared, 'models/mlperf-tiny/ic.tflite')),
    fileName: 'ic.tflite',
  });
  const target = findTarget(targets, 'cortex-m4');
  const arena = (optimize: Optimize | undefined) =>
    placeGraph(graph, target, assets, policyOf(optimize, target)).arenaBytes;
  assert.ok(arena(undefined) <= 34100, `${arena(undefined)}`);
  assert.ok(arena('ram') <= 21000, `${arena('ram')}`);
});

/** Residual blocks; windows with strides; and kernels with scratch, whose size depends on the rows. */
for (const [file, target] of [
  [models[3].file, 'scalar'],
  [models[4].file, 'scalar'],
  [models[2].file, 'x86-avx2'],
] as const)
  test(`${file} answers the same in RAM mode on ${target}`, () => {
    const answers = ['speed', 'ram'].map((goal) => {
      const out = join(dir, `${goal}-${target}`);
      const args = ['--target', target, '--optimize', goal, '--name', 'net', '-o', out];
      const built = qcc(['build', join(shared, 'models', file), ...args]);
      assert.equal(built.status, 0, built.stderr);
      const run = qcc(['run', out, '--json']);
      assert.equal(run.status, 0, run.stderr);
      return JSON.parse(run.stdout).outputs;
    });
    assert.deepEqual(answers[1], answers[0]);
    const source = readFileSync(join(dir, `ram-${target}`, 'net.c'), 'utf8');
    assert.match(source, /for \(size_t turn = 0; turn < \d+u; turn\+\+\) \{/);
    const manifest = JSON.parse(readFileSync(join(dir, `ram-${target}`, 'manifest.json'), 'utf8'));
    assert.ok(manifest.repeats.length > 0 && manifest.overlaps.length > 0);
  });

const moves = 'strides [1, 1], dilations [1, 1], pads [1, 1, 1, 1]';
/** In a step of its own, and fused into the convolution before it. */
for (const [name, before] of [
  ['of an addition', `max-pool(%in0) {kernel [3, 3], ${moves}} : s8[1,16,16,8] q(0.1, 3)`],
  ['of a convolution', `conv2d(%in0, @c1) {${moves}, groups 1, rounding onnx} : s8[1,16,16,8] q(0.2, 1)`],
] as const)
  test(`an addend ${name} that is a constant as large as the image`, () => {
    const file = join(dir, 'addend.qir');
    writeFileSync(
      file,
      `graph "g" (%in0 "x": s8[1,16,16,8] q(0.1, 3)) {
  const @c0 : s8[1,16,16,8] q(0.05, 2) = seed 3
  const @c1 : s8[8,3,3,8] q(0.01, 0) = seed 4
  %0 = ${before}
  %1 = add(%0, @c0) {} : s8[1,16,16,8] q(0.3, -4)
  %2 = max-pool(%1) {kernel [3, 3], strides [2, 2], dilations [1, 1], pads [1, 1, 1, 1]} : s8[1,8,8,8] q(0.3, -4)
  return %2 as "y"
}
`,
    );
    const verified = qcc(['verify', file, '--target', 'scalar', '--optimize', 'ram']);
    assert.equal(verified.status, 0, verified.stderr);
  });
