// needs: seconds
/** `qcc audit` of TFLite's sums: sound ones are sound, and no constant of either form can be changed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { shared } from '../cli/command.js';
import { vectors } from '../tflite/vectors.js';
import { audited, changed, codesOf, folderOf, resealed, textOf } from './tampered.js';

test('constants of sums are compared for every pair of bytes', () => {
  const of = (name: string, target: string) => {
    const vector = vectors.find((v) => v.name === name);
    assert.ok(vector !== undefined, name);
    return folderOf(Buffer.from(vector.model, 'base64'), 'm.tflite', target);
  };
  for (const name of ['ADD', 'ADD relu6', 'SUB broadcast', 'SUB ties']) {
    const report = audited(of(name, 'cortex-m4'));
    assert.deepEqual([report.findings, report.open], [[], []], name);
  }
  const folder = of('SUB ties', 'x86-avx2');
  const after = (from: RegExp, to: string) =>
    codesOf(audited(resealed(changed(folder, 'm.c', (text) => text.replace(from, to)))));
  assert.match(textOf(folder, 'm.c'), /\.linear = [12]\d/);
  assert.deepEqual(after(/(\.constant = -?\d+)\d{3}/, '$1777'), ['Q0643']);
  assert.deepEqual(after(/\.a_factor = /, '.a_factor = 90'), ['Q0643', 'Q0644']);
  assert.deepEqual(after(/\.y_max = 127/, '.y_max = 126'), ['Q0646']);
  // The other form has constants too.
  assert.deepEqual(after(/\.linear = \d+/, '.linear = 0'), []);
  assert.deepEqual(after(/\.linear = \d+(.*)\.b_multiplier = 1/s, '.linear = 0$1.b_multiplier = -1'), ['Q0643']);
});

test('constants of sums in epilogues are, too', () => {
  const folder = folderOf(readFileSync(join(shared, 'models/mlperf-tiny/ic.tflite')), 'ic.tflite', 'cortex-m4');
  const report = audited(folder);
  assert.deepEqual([report.findings, report.open, report.derived], [[], [], report.layers]);
  const after = (from: RegExp, to: string) =>
    codesOf(audited(resealed(changed(folder, 'ic.c', (text) => text.replace(from, to)))));
  assert.deepEqual(after(/\.r_factor = /, '.r_factor = 1'), ['Q0643', 'Q0644']);
  assert.deepEqual(after(/(\.add_constant = -?\d+)\d{2}\b/, '$199'), ['Q0643']);
  assert.deepEqual(after(/(\.z_max = )127(?=, \.v_factor)/, '$1126'), ['Q0646']);
});
