// needs: seconds
/**
 * Damaged .tflite files: whatever the bytes say, the answer is a program or a list of coded problems; never a crash, a hang
 * or a read outside the file. The originals are the vectors of every operator.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { compiles } from './compiles.js';
import { randomFrom } from './random.js';

const text = readFileSync(new URL('../tflite/vectors/vectors.json', import.meta.url), 'utf8');
const originals = Array.from(text.matchAll(/"model": "([^"]*)"/g), (m) => Uint8Array.from(Buffer.from(m[1], 'base64')));

/** Offsets and counts are 32-bit words: most changes hit one whole. The identifier stays, else another reader would judge. */
function damaged(bytes: Uint8Array, seed: number): Uint8Array {
  const random = randomFrom(seed);
  const out = Uint8Array.from(bytes);
  const view = new DataView(out.buffer);
  for (let i = random.int(1, 4); i > 0; i--) {
    const at = 4 * random.int(2, Math.floor(out.length / 4) - 1);
    const kind = random.int(0, 4);
    if (kind === 0)
      view.setUint32(at, random.pick([0, 1, 4, 0x7fffffff, 0x80000000, 0xffffffff, out.length, out.length - 4]), true);
    else if (kind === 1) view.setInt32(at, view.getInt32(at, true) + random.pick([-8, -4, -1, 1, 2, 4, 8, 64]), true);
    else if (kind === 2) out[at + random.int(0, 3)] ^= 1 << random.int(0, 7);
    else if (kind === 3)
      view.setUint32(at, view.getUint32(4 * random.int(2, Math.floor(out.length / 4) - 1), true), true);
    else view.setUint16(at, random.int(0, 65535), true);
  }
  return random.int(0, 9) === 0 ? out.subarray(0, random.int(8, out.length)) : out;
}

const CASES = process.env.QCC_FULL === undefined ? 1500 : 40000;

test('TFLite models with words changed or cut off', () => {
  let accepted = 0;
  for (let seed = 0; seed < CASES; seed++) {
    const original = originals[seed % originals.length];
    try {
      if (compiles(damaged(original, seed), 'm.tflite')) accepted++;
    } catch (failure) {
      assert.fail(`seed ${seed}: ${failure instanceof Error ? failure.stack : String(failure)}`);
    }
  }
  assert.ok(accepted > 0 && accepted < CASES, `${accepted} of ${CASES} were accepted`);
});
