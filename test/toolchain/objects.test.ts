/** Object files that are taken from an earlier build: what they depend on. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { writeTree } from '../../src/files.js';
import { ObjectStore } from '../../src/toolchain/objects.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-objects-test-'));
test.after(() => rmSync(dir, { recursive: true, force: true }));

test('an object file is that of the same source, headers, data and flags', () => {
  const files = new Map([
    ['k.c', '#include "a/k.h"\n__asm__(".incbin \\"w.bin\\"");\n'],
    ['a/k.h', '#include "deep.h"\n'],
    ['a/deep.h', 'int x;\n'],
    ['w.bin', '12'],
    ['other.h', ''],
  ]);
  writeTree(dir, files);
  const store = new ObjectStore(join(dir, 'objects'));
  const place = (...flags: readonly string[]) => store.place(dir, 'k.c', ['cc', ...flags]);
  const [first, object] = [place(), join(dir, 'k.o')];
  assert.equal(store.take(first, object, false), false);
  writeFileSync(object, 'object');
  store.keep(first, object);
  writeFileSync(object, '');
  assert.equal(store.take(place('-fstack-usage'), object, true), false, 'without the report');
  assert.equal(store.take(place(), object, false), true);
  assert.equal(readFileSync(object, 'utf8'), 'object');
  assert.notEqual(place('-O1'), first);
  for (const [path, text] of files) {
    writeFileSync(join(dir, path), `${text} `);
    assert.equal(place() === first, path === 'other.h', path);
    writeFileSync(join(dir, path), text);
  }
});
