// needs: seconds
/** `qcc audit` of a build for several threads: a barrier that is missing, or rows that are shared out in another way, are found. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { fashion } from '../cli/command.js';
import { audited, changed, codesOf, type Folder, folderOf, resealed } from './tampered.js';

const sound = folderOf(readFileSync(fashion), 'fashion.onnx', 'x86-avx2', true, { threads: 3 });

test('sound, and derived in full', () => {
  const report = audited(sound);
  assert.deepEqual(report.findings, []);
  assert.deepEqual(report.open, []);
  assert.deepEqual([report.layers, report.derived], [9, 9]);
});

const inC = (edit: (text: string) => string) => changed(sound, 'fashion.c', edit);
const inManifest = (folder: Folder, edit: (text: string) => string) => changed(folder, 'manifest.json', edit);
/** Every step from group `from` on one group earlier. */
const earlier = (text: string, from: number) =>
  text.replace(/"group": (\d+)/g, (_, g: string) => `"group": ${Number(g) >= from ? Number(g) - 1 : Number(g)}`);
const meeting = '\n  qcc_parts_meet(&meeting);\n';

const tamperings: readonly (readonly [string, string, () => Folder])[] = [
  ['a barrier, in the C alone', 'Q0646', () => inC((t) => t.replace(meeting, ''))],
  [
    'a barrier, everywhere',
    'Q0645',
    () =>
      inManifest(
        inC((t) => t.replace(meeting, '')),
        (t) => earlier(t, 1),
      ),
  ],
  ['rows of a step', 'Q0646', () => inC((t) => t.replace(/(qcc_rows_of\(part, parts, \d+, )1\)/, '$12)'))],
  ['a window', 'Q0646', () => inC((t) => t.replace(/(qcc_window_of\(r, \d+, )3,/, '$12,'))],
  ['where a pointer moves', 'Q0646', () => inC((t) => t.replace(/(x\.first \* )\d+u/, '$11u'))],
  ['the scratch of a part', 'Q0646', () => inC((t) => t.replace(/(part \* )\d+u/, '$164u'))],
  ['who runs a step', 'Q0646', () => inC((t) => t.replace('if (r.count > 0) ', ''))],
  ['where parts meet', 'Q0646', () => inC((t) => t.replace(/(qcc_parts_begin\(&meeting, arena \+ 0x\w+)/, '$1 + 64'))],
  ['how many parts', 'Q0646', () => inManifest(sound, (t) => t.replace('"most": 3', '"most": 2'))],
  [
    'what a part touches',
    'Q0646',
    () => inManifest(sound, (t) => t.replace('"touches": "window"', '"touches": "own"')),
  ],
];

for (const [what, code, folder] of tamperings)
  test(`tampered, with digests and seal made anew: ${what}`, () => {
    const found = codesOf(audited(resealed(folder())));
    assert.ok(found.includes(code), `${found}`);
  });
