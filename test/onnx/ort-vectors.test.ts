// needs: c-compiler emulator
/**
 * Operators as ONNX Runtime's exact mode computes them, byte for byte: small stored models through importer, passes and
 * interpreter, then as compiled C on every target. src/decisions/0003-onnx-runtime-formulas.md has the formulas.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { compareNative, type NativeCase } from '../onnx-node/native.js';
import { allVectors, answered } from './ort-vectors/vectors.js';

const filter = process.env.VECTORS ?? '';
const vectors = allVectors().filter((v) => `${v.family} ${v.name}`.includes(filter));
const cases: NativeCase[] = [];

for (const family of new Set(vectors.map((v) => v.family)))
  test(`${family}: the interpreter answers ONNX Runtime's bytes`, () => {
    const wrong: string[] = [];
    for (const vector of vectors.filter((v) => v.family === family)) {
      const { lowered, inputs, outputs, wanted } = answered(vector);
      cases.push({ name: vector.name, lowered, inputs, outputs: wanted });
      for (const [i, output] of outputs.entries()) {
        const differing = [...output.data].filter((v, k) => !Object.is(v, wanted[i].data[k])).length;
        if (differing > 0) wrong.push(`${vector.name}: ${differing} of ${output.data.length} elements of output ${i}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

for (const name of process.env.QCC_FULL === undefined ? ['x86-avx2', 'arm-neon'] : ['scalar', 'x86-avx2', 'arm-neon'])
  test(`compiled for ${name}, every vector gives ONNX Runtime's bytes`, async () => {
    const assets = loadAssets();
    const target = findTarget(loadTargets(), name);
    assert.ok(cases.length > 0);
    const answers = await compareNative(cases, target, assets);
    assert.deepEqual(
      answers.flatMap((why, i) => (why === undefined ? [] : [`${cases[i].name}: ${why}`])),
      [],
    );
  });
