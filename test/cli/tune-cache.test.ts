/** `qcc-tune.json`: text and back, whose times count, and what is not such a file. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import {
  CACHE_FILE,
  cacheText,
  otherFormat,
  readCache,
  type Section,
  usableSection,
  withSection,
  writeCache,
} from '../../src/cli/tune-cache.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-tune-cache-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const machine = { target: 'x86-avx2', cpu: 'Zen', qcc: '1.0.0', kernels: 'abc', level: '-O3' };
const section = (changes: Partial<Section> = {}): Section => ({
  ...machine,
  compiler: 'gcc 12',
  times: new Map([
    ['conv2d_q8 h=2', new Map([['k_b', 20]])],
    ['add_q8 n=1', new Map([['k_z', 7], ['k_a', 10.5]])], // biome-ignore format: one class a line
  ]),
  ...changes,
});

test('a cache is read as it was written, and written sorted: equal content is equal text', () => {
  const both = [section({ cpu: 'Zen' }), section({ cpu: 'Atom' })];
  assert.ok(writeCache(dir, both));
  const text = readFileSync(join(dir, CACHE_FILE), 'utf8');
  assert.deepEqual(
    readCache(dir).map((s) => s.cpu),
    ['Atom', 'Zen'],
  );
  assert.equal(cacheText(readCache(dir)), text);
  assert.equal(cacheText(both.toReversed()), text);
  assert.ok(text.indexOf('add_q8') < text.indexOf('conv2d_q8') && text.indexOf('k_a') < text.indexOf('k_z'));
  assert.deepEqual(readCache(dir)[1].times, section().times);
});

test('a new measurement replaces the old one of the same target, CPU and level, and no other', () => {
  const old = [section({ qcc: '0.9.0' }), section({ cpu: 'Atom' }), section({ level: '-Os' })];
  const added = section();
  assert.deepEqual(withSection(old, added), [old[1], old[2], added]);
});

test('times are used for their own target, qcc, kernels and level; for their CPU where it is this one', () => {
  const told = (sections: readonly Section[], native: boolean) => {
    const { section: found, notes } = usableSection(sections, machine, native);
    return [found?.cpu, ...notes.map((n) => n.message.replace(/^.*ignored: they are of /, ''))];
  };
  assert.deepEqual(told([section()], true), ['Zen']);
  assert.deepEqual(told([section({ target: 'arm-neon' }), section({ level: '-Os' })], true), [undefined]);
  const other = section({ cpu: 'Atom' });
  assert.deepEqual(told([other], true), [undefined, 'another CPU, "Atom"; this is "Zen"']);
  assert.deepEqual(told([other, section()], true), ['Zen'], 'times of other CPUs beside these are no news');
  assert.deepEqual(told([other], false), ['Atom'], 'a cross build takes what there is for the target');
  assert.deepEqual(told([section({ cpu: '*' })], true), ['*'], 'or what a person says is for all of them');
  assert.deepEqual(told([section({ qcc: '0.9.0' })], true), [undefined, 'qcc 0.9.0, this is 1.0.0']);
  assert.deepEqual(told([section({ kernels: 'old' })], false), [undefined, 'other versions of the kernels']);
});

test('a folder that nobody may write to is not written to, not even by root', () => {
  const locked = mkdtempSync(join(dir, 'locked-'));
  chmodSync(locked, 0o555);
  assert.equal(writeCache(locked, [section()]), false);
  assert.deepEqual(readCache(locked), []);
  chmodSync(locked, 0o755);
});

test('a cache in the format of another qcc is ignored, and says so', () => {
  writeFileSync(join(dir, CACHE_FILE), '{"qcc_tune": 2, "cpus": []}');
  assert.deepEqual(readCache(dir), []);
  assert.match(otherFormat(dir)[0].message, /ignored: it is of another qcc, which writes format 2; this one writes 1/);
  assert.ok(writeCache(dir, [section()]));
  assert.deepEqual(otherFormat(dir), []);
  assert.deepEqual(otherFormat(join(dir, 'nowhere')), []);
});

test('another file of that name is an error, and stays as it is', () => {
  const good = cacheText([section()]);
  const bad = [
    '',
    '[]',
    good.replace('10.5', '-1'),
    good.replace('10.5', '"10"'),
    good.replace('"cpu"', '"gpu"'),
    `<<<<<<< ours\n${good}`,
  ];
  for (const text of bad) {
    writeFileSync(join(dir, CACHE_FILE), text);
    assert.throws(() => readCache(dir), /is not a cache of qcc build --tune/);
    assert.equal(readFileSync(join(dir, CACHE_FILE), 'utf8'), text);
  }
});
