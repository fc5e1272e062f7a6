// needs: c-compiler emulator firmware
/**
 * The int16 models of `vectors/vectors-16x8.json` as compiled C, against LiteRT's reference kernels, byte for byte: plain C on
 * the host, and the core whose DSP instructions multiply int16. With QCC_FULL the other instruction sets too.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { lowerModel } from '../../src/compiler.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { needsCpu } from '../native-targets.js';
import { compareNative } from '../onnx-node/native.js';
import { tensorOf, wideVectors } from './vectors.js';

const targets = ['cortex-m4'];
if (process.env.QCC_FULL === '1')
  targets.push(
    'scalar',
    'x86-avx2',
    'x86-avx512vnni',
    'arm-neon',
    'armv7-a',
    'cortex-m0plus',
    'cortex-m3',
    'cortex-m55',
    'riscv32',
  );

const cases = wideVectors.map((v) => {
  const lowered = lowerModel({ model: Buffer.from(v.model, 'base64'), fileName: 'm.tflite' });
  const { inputs, outputs } = lowered.graph;
  return {
    name: v.name,
    lowered,
    inputs: inputs.map(({ type }, i) => tensorOf(type, v.inputs[i])),
    outputs: outputs.map(({ value }, i) => tensorOf(value.type, v.outputs[i])),
  };
});

for (const name of targets)
  test(`int16 models for ${name}: LiteRT's bytes`, needsCpu(name), async () => {
    const answers = await compareNative(cases, findTarget(loadTargets(), name), loadAssets());
    assert.ok(answers.length > 100);
    assert.deepEqual(
      answers.flatMap((why, i) => (why === undefined ? [] : [`${cases[i].name}: ${why}`])),
      [],
    );
  });
