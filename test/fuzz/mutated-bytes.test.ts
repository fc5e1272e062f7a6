/**
 * Damaged and hostile model files: whatever the bytes say, the answer is a program or a list of coded problems; never a
 * crash, a hang, or memory without bound.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import * as fc from 'fast-check';
import { QccError } from '../../src/diagnostics/diagnostic.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { convModel, denseModel, floatModel } from '../onnx/tiny-models.js';
import { compiles } from './compiles.js';
import { randomFrom, seeds } from './random.js';
import { randomModel } from './random-models.js';

function damaged(bytes: Uint8Array, seed: number): Uint8Array {
  const random = randomFrom(seed);
  let out = Uint8Array.from(bytes);
  for (let i = random.int(1, 3); i > 0 && out.length > 1; i--) {
    const at = random.int(0, out.length - 1);
    const kind = random.int(0, 6);
    if (kind === 0) out[at] ^= 1 << random.int(0, 7);
    else if (kind === 1) out[at] = random.pick([0, 1, 0x7f, 0x80, 0xff]);
    else if (kind === 2) out = out.subarray(0, at);
    else if (kind === 3) out = Uint8Array.of(...out.subarray(0, at), ...out.subarray(at + random.int(1, 9)));
    else if (kind === 4) out = Uint8Array.of(...out.subarray(0, at), random.int(0, 255), ...out.subarray(at));
    else if (kind === 5) {
      const from = random.int(0, out.length - 1);
      out = Uint8Array.of(...out.subarray(0, at), ...out.subarray(from, from + 40), ...out.subarray(at));
    } else out.fill(random.int(0, 255), at, at + random.int(1, 8));
  }
  return out;
}

const originals: readonly Uint8Array[] = [convModel(), denseModel(), floatModel(), randomModel(3), randomModel(11)];

test('models with a few bytes changed, lost or added', () => {
  const outcomes = { compiled: 0, refused: 0 };
  for (const seed of seeds(400)) {
    const bytes = damaged(originals[seed % originals.length], seed);
    try {
      outcomes[compiles(bytes, 'm.onnx') ? 'compiled' : 'refused']++;
    } catch (cause) {
      throw new Error(`seed ${seed}`, { cause });
    }
  }
  // Both must happen, or the damage is of the wrong kind.
  assert.ok(outcomes.compiled > 0 && outcomes.refused > 0, JSON.stringify(outcomes));
});

test('every prefix of a model', () => {
  const [bytes] = originals;
  for (let length = 0; length < bytes.length; length++) {
    try {
      decodeModel(bytes.subarray(0, length));
    } catch (failure) {
      assert.ok(failure instanceof QccError, `${length} bytes: ${failure}`);
    }
  }
});

test('any bytes at all', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => !compiles(bytes, 'm.onnx')),
    { seed: 11, numRuns: 2000 },
  );
});

test('a real model with damage in its weights and its graph', () => {
  const bytes = readFileSync(new URL('../../examples/fashion-classifier/fashion.onnx', import.meta.url));
  for (const seed of seeds(20)) compiles(damaged(bytes, seed), 'm.onnx');
});
