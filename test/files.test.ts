/** Build folders: every file complete or not there, nothing of somebody else touched, unchanged files left alone. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { QccError } from '../src/diagnostics/diagnostic.js';
import { writeTree, writeWhole } from '../src/files.js';

const work = mkdtempSync(join(tmpdir(), 'qcc-files-'));
after(() => rmSync(work, { recursive: true, force: true }));
let count = 0;
const folder = (): string => join(work, `f${count++}`);

const manifest = (...files: string[]): string => JSON.stringify({ qcc: '1', files: [...files, 'manifest.json'] });
function build(more: Readonly<Record<string, string | Uint8Array>>): Map<string, string | Uint8Array> {
  return new Map([...Object.entries(more), ['manifest.json', manifest(...Object.keys(more))]]);
}

function listing(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort();
}

function refused(code: string, dir: string, files: ReadonlyMap<string, string | Uint8Array>): void {
  assert.throws(
    () => writeTree(dir, files),
    (e) => e instanceof QccError && e.diagnostics.length === 1 && e.diagnostics[0].code === code && e.exitCode === 1,
  );
}

test('a new folder, its parents and the folders in it are made; text and bytes arrive as they are', () => {
  const dir = join(folder(), 'a/b');
  const bytes = Uint8Array.of(0, 255, 13, 10);
  const tree = writeTree(dir, build({ 'm.c': 'int ä;\r\n', 'qcc/isa/x.h': '', 'w.bin': bytes }));
  assert.deepEqual(tree, { written: ['m.c', 'qcc/isa/x.h', 'w.bin', 'manifest.json'], unchanged: [], removed: [] });
  assert.equal(readFileSync(join(dir, 'm.c'), 'utf8'), 'int ä;\r\n');
  assert.deepEqual(new Uint8Array(readFileSync(join(dir, 'w.bin'))), bytes);
  assert.deepEqual(listing(dir), ['m.c', 'manifest.json', 'qcc', 'qcc/isa', 'qcc/isa/x.h', 'w.bin']);
});

test('an unchanged file keeps its time, a changed one is replaced', () => {
  const dir = folder();
  writeTree(dir, build({ 'a.c': 'one', 'b.c': 'two' }));
  const old = new Date(2001, 1, 1);
  for (const name of ['a.c', 'b.c']) utimesSync(join(dir, name), old, old);
  const tree = writeTree(dir, build({ 'a.c': 'one', 'b.c': 'TWO' }));
  assert.deepEqual(tree, { written: ['b.c'], unchanged: ['a.c', 'manifest.json'], removed: [] });
  assert.deepEqual(lstatSync(join(dir, 'a.c')).mtime, old);
  assert.notDeepEqual(lstatSync(join(dir, 'b.c')).mtime, old);
});

test('files of the build before are removed with their empty folders; what the user added stays', () => {
  const dir = folder();
  writeTree(dir, build({ 'a.c': '1', 'qcc/isa/x.h': '2', 'host/main.c': '3', 'host/npy.c': '4' }));
  writeFileSync(join(dir, 'host/mine.c'), 'mine');
  writeFileSync(join(dir, 'notes.txt'), 'mine');
  const tree = writeTree(dir, build({ 'a.c': '1' }));
  assert.deepEqual(tree.removed, ['qcc/isa/x.h', 'host/main.c', 'host/npy.c']);
  assert.deepEqual(listing(dir), ['a.c', 'host', 'host/mine.c', 'manifest.json', 'notes.txt']);
});

test('an empty folder, and one with leftovers of a killed qcc only, is taken', () => {
  for (const leftover of [[], ['.qcc-tmp-aB3xYz'], ['.qcc-build-q1', '.qcc-tmp-q2']]) {
    const dir = folder();
    for (const name of leftover) mkdirSync(join(dir, name), { recursive: true });
    mkdirSync(dir, { recursive: true });
    assert.deepEqual(writeTree(dir, build({ 'a.c': '1' })).written, ['a.c', 'manifest.json']);
  }
});

const foreign: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a file of somebody': { 'thesis.txt': 'years of work' },
  'a hidden file': { '.git': 'x' },
  'a manifest.json of something else': { 'manifest.json': '{"name": "app", "files": ["index.html"]}' },
  'a manifest.json that is no object': { 'manifest.json': '[]' },
  'a manifest.json that is no JSON': { 'manifest.json': '{' },
  'a manifest.json with another kind of list': { 'manifest.json': '{"qcc": "1", "files": "all"}' },
  'a file that is called like what we would write': { 'a.c': 'precious' },
};
for (const [what, files] of Object.entries(foreign))
  test(`a folder with ${what} is refused and untouched`, () => {
    const dir = folder();
    mkdirSync(dir);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
    refused('Q0603', dir, build({ 'a.c': '1' }));
    assert.deepEqual(listing(dir), Object.keys(files).sort());
    for (const [name, text] of Object.entries(files)) assert.equal(readFileSync(join(dir, name), 'utf8'), text);
  });

test('a manifest cannot make us remove what is outside its folder, or a link, or a folder', () => {
  const dir = folder();
  const outside = join(work, 'outside.txt');
  writeFileSync(outside, 'keep');
  mkdirSync(join(dir, 'kept'), { recursive: true });
  mkdirSync(join(work, 'elsewhere'));
  writeFileSync(join(work, 'elsewhere/x.h'), 'keep');
  symlinkSync(outside, join(dir, 'link.c'));
  symlinkSync(join(work, 'elsewhere'), join(dir, 'linked'));
  const hostile = ['../outside.txt', outside, 'link.c', 'kept', 'linked/x.h', 'a\\..\\b', './m.c', ''];
  writeFileSync(join(dir, 'manifest.json'), manifest(...hostile));
  assert.deepEqual(writeTree(dir, build({ 'a.c': '1' })).removed, []);
  assert.equal(readFileSync(outside, 'utf8'), 'keep');
  assert.equal(readFileSync(join(work, 'elsewhere/x.h'), 'utf8'), 'keep');
  assert.deepEqual(listing(dir).slice(0, 3), ['a.c', 'kept', 'link.c']);
});

test('a link in place of a file is replaced, not followed; a linked folder is refused', () => {
  const target = join(work, 'target.txt');
  writeFileSync(target, 'keep');
  const dir = folder();
  writeTree(dir, build({ 'a.c': '1', 'host/main.c': '2' }));
  rmSync(join(dir, 'a.c'));
  symlinkSync(target, join(dir, 'a.c'));
  writeTree(dir, build({ 'a.c': 'new', 'host/main.c': '2' }));
  assert.equal(readFileSync(target, 'utf8'), 'keep');
  assert.ok(lstatSync(join(dir, 'a.c')).isFile());

  const away = join(work, 'away');
  mkdirSync(away);
  rmSync(join(dir, 'host'), { recursive: true });
  symlinkSync(away, join(dir, 'host'));
  refused('Q0604', dir, build({ 'a.c': 'newer', 'host/main.c': '2' }));
  assert.deepEqual(listing(away), []);
  assert.equal(readFileSync(join(dir, 'a.c'), 'utf8'), 'new', 'nothing of a refused build arrives');
});

test('a build folder that is itself a link to a folder is used', () => {
  const real = folder();
  mkdirSync(real);
  const link = folder();
  symlinkSync(real, link);
  writeTree(link, build({ 'a.c': '1' }));
  assert.deepEqual(listing(real), ['a.c', 'manifest.json']);
});

test('a folder in place of a file, or a file in place of a folder, is refused', () => {
  const dir = folder();
  writeTree(dir, build({ 'a.c': '1' }));
  mkdirSync(join(dir, 'b.c'));
  refused('Q0604', dir, build({ 'a.c': '2', 'b.c': '2' }));
  writeFileSync(join(dir, 'host'), 'a file');
  refused('Q0604', dir, build({ 'a.c': '2', 'host/main.c': '2' }));
  assert.equal(readFileSync(join(dir, 'a.c'), 'utf8'), '1');
  const file = join(work, 'file');
  writeFileSync(file, '');
  refused('Q0604', file, build({ 'a.c': '1' }));
  refused('Q0604', join(file, 'below'), build({ 'a.c': '1' }));
});

test('when a new build fails half-way, nothing of it is left', () => {
  const dir = folder();
  // A name longer than file systems take fails at the time of writing.
  refused('Q0604', join(dir, 'deep/er'), build({ 'a.c': '1', [`qcc/${'x'.repeat(300)}.h`]: '2' }));
  assert.ok(!existsSync(dir));
});

test('a folder that may not be written to: the system is quoted, nothing changes', (t) => {
  // Root may write anywhere, but not into /proc, where node's recursive mkdir would never end.
  if (existsSync('/proc/self')) refused('Q0604', '/proc/qcc/test', build({ 'a.c': '1' }));
  if (process.getuid?.() === 0) return;
  const dir = folder();
  mkdirSync(dir);
  chmodSync(dir, 0o555);
  t.after(() => chmodSync(dir, 0o755));
  refused('Q0604', join(dir, 'out'), build({ 'a.c': '1' }));
  assert.deepEqual(listing(dir), []);
});

test('a path that leaves the build folder is a bug of the caller', () => {
  for (const path of ['../a.c', '/a.c', 'a/../../b', 'a//b', './a', 'C:\\a', 'a\0b', ''])
    assert.throws(() => writeTree(folder(), new Map([[path, '']])), /is not a path below the build folder/);
});

test('one file: whole, or an error and nothing of it', () => {
  const dir = folder();
  mkdirSync(dir);
  const path = join(dir, 'a.txt');
  writeWhole(path, 'one');
  writeWhole(path, 'two');
  assert.equal(readFileSync(path, 'utf8'), 'two');
  mkdirSync(join(dir, 'taken', 'below'), { recursive: true });
  for (const place of [join(dir, 'taken'), join(dir, 'none', 'b.txt')])
    assert.throws(
      () => writeWhole(place, 'three'),
      (e) => e instanceof QccError && e.diagnostics[0].code === 'Q0604',
    );
  assert.deepEqual(readdirSync(dir).sort(), ['a.txt', 'taken']);
});
