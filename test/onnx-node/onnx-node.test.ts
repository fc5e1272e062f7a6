// needs: c-compiler emulator
/**
 * ONNX's own operator tests: the interpreter against the stored outputs, the compiled C against the interpreter bit for
 * bit on every target, and the table of what passes against counts.json.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { countsOf, failures, interpretAll, nativeFailures } from './suite.js';

const judged = interpretAll();

test('required cases pass, all others pass or are refused with a code', () => {
  assert.ok(judged.length > 1000, `${judged.length} cases found`);
  assert.deepEqual(failures(judged), []);
});

test('counts.json is what passes: npx tsx test/onnx-node/run.ts --update', () => {
  const stored: unknown = JSON.parse(readFileSync(new URL('counts.json', import.meta.url), 'utf8'));
  assert.deepEqual(stored, countsOf(judged));
});

// Samples of every op run on all targets in test/ops; these cases do so in test:full, for each takes a minute and a half.
for (const target of process.env.QCC_FULL === undefined ? ['x86-avx2'] : ['scalar', 'x86-avx2', 'arm-neon'])
  test(`compiled for ${target}, every passing case gives the interpreter's bits`, async () => {
    assert.deepEqual(await nativeFailures(judged, target), []);
  });
