/** Channels that lie in another order than in the model: derived from it in that order, and found where the manifest and the C part. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { shared } from '../cli/command.js';
import { audited, changed, codesOf, folderOf, resealed, textOf } from './tampered.js';

const vww = readFileSync(join(shared, 'models/mlperf-tiny/vww.tflite'));

/** vww on AVX2: channels of depthwise layers, and of what makes and reads them, lie in another order. */
const moved = folderOf(vww, 'vww.tflite', 'x86-avx2');
const order = /("channel_orders": \[\s*)("\\"[^"]*": channels )(\d+), (\d+)([^"]*",\s*)("\\"[^"]*": channels )/;

test('channels in another order are derived from the model again', () => {
  assert.match(textOf(moved, 'manifest.json'), order);
  const report = audited(moved);
  assert.deepEqual(codesOf(report), []);
});

for (const [what, to] of [
  ['two channels of an order change places', '$1$2$4, $3$5$6'],
  ['an order is left out', '$1$6'],
  ['a channel comes twice', '$1$2$3, $3$5$6'],
])
  test(`found although everything was sealed anew: ${what}`, () => {
    const report = audited(resealed(changed(moved, 'manifest.json', (t) => t.replace(order, to))));
    assert.ok(report.findings.some(({ code }) => code === 'Q0647' || code === 'Q0646'));
  });
