/** Every diagnostic code is used, and explains itself: what is wrong, an example, the way out. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { type CodeInfo, codes, explainCode } from '../../src/diagnostics/codes.js';
import { filesBelow, root } from './sources.js';

const all = Object.entries<CodeInfo>(codes);

test('every code is reported somewhere, and no other', () => {
  const used = new Set<string>();
  for (const path of filesBelow('.ts', 'src', 'passes')) {
    if (/src\/diagnostics\/codes/.test(path)) continue;
    for (const [, code] of readFileSync(join(root, path), 'utf8').matchAll(/'(Q\d{4})'/g)) used.add(code);
  }
  assert.deepEqual(
    [...used].sort(),
    all.map(([code]) => code),
  );
});

test('a title is a few words without a full stop, and no two codes share one', () => {
  const titles = all.map(([, info]) => info.title);
  assert.deepEqual(
    titles.filter((t) => t.length > 60 || /[.]$/.test(t)),
    [],
  );
  assert.equal(new Set(titles).size, titles.length);
});

test('every explanation says what is wrong, shows an example and the way out', () => {
  const short = all.filter(([, { explanation }]) => {
    const [cause, ...rest] = explanation.split('\n\n');
    return cause.length < 20 || !rest.some((p) => p.startsWith('Example: ')) || !/^Way out: /m.test(explanation);
  });
  assert.deepEqual(
    short.map(([code]) => code),
    [],
  );
});

test('a code lies in the file of its hundred, in order', () => {
  for (const path of filesBelow('.ts', 'src/diagnostics')) {
    const hundred = /codes-(\d\d)\.ts$/.exec(path)?.[1];
    if (hundred === undefined) continue;
    const inFile = [...readFileSync(join(root, path), 'utf8').matchAll(/^ {2}(Q\d{4}): \{/gm)].map((m) => m[1]);
    assert.deepEqual(inFile, inFile.toSorted(), path);
    assert.ok(
      inFile.every((code) => code.startsWith(`Q${hundred}`)),
      path,
    );
  }
});

test('a code is found as a user types it', () => {
  assert.equal(explainCode('q0304')?.code, 'Q0304');
  assert.equal(explainCode('Q9999'), undefined);
  assert.equal(explainCode('toString'), undefined);
});
