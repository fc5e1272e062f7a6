// needs: c-compiler
/** `--memory`: tensors in several memories, the same answers; what does not fit says what would. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { parseMemory } from '../../src/cli/memory.js';
import { fashion, qcc, root } from './command.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-memory-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const sample = join(root, 'examples/fashion-classifier/sample.npy');

function build(name: string, ...more: string[]) {
  const out = join(dir, name);
  const args = ['--target', 'scalar', '--emit', 'exe,selftest', '--name', 'net', '-o', out, ...more];
  return { out, ...qcc(['build', fashion, ...args]) };
}

function answer(out: string): unknown {
  const run = qcc(['run', out, '--input', sample, '--json']);
  assert.equal(run.status, 0, run.stderr);
  return JSON.parse(run.stdout).outputs;
}

const one = build('one');
const header = (out: string) => readFileSync(join(out, 'net.h'), 'utf8');
const bytes = (out: string, what: string) =>
  Number(new RegExp(`#define NET_${what}_BYTES (\\d+)`).exec(header(out))?.[1]);

test('tensors are shared out between memories, the header says how, and the answer is the same', () => {
  assert.equal(one.status, 0, one.stderr);
  const arena = bytes(one.out, 'ARENA');
  // Neither memory alone has room for all.
  const size = Math.ceil((arena * 0.7) / 64) * 64;
  const two = build('two', '--memory', `dtcm=${size},sram=${size}`);
  assert.equal(two.status, 0, two.stderr);
  const [dtcm, sram] = [bytes(two.out, 'DTCM'), bytes(two.out, 'SRAM')];
  assert.ok(dtcm > 0 && dtcm <= size && sram > 0 && sram <= size, `${dtcm} ${sram} of ${size}`);
  assert.equal(bytes(two.out, 'ARENA'), dtcm + sram);
  assert.match(header(two.out), /struct net_memory \{\n {2}void \*dtcm;[^\n]*\n {2}void \*sram;[^\n]*\n\};/);
  assert.deepEqual(answer(two.out), answer(one.out));
  const manifest = JSON.parse(readFileSync(join(two.out, 'manifest.json'), 'utf8'));
  assert.deepEqual(
    manifest.regions.map((r: { name: string; bytes: number }) => [r.name, r.bytes]),
    [
      ['dtcm', dtcm],
      ['sram', sram],
    ],
  );
});

test('what fits the first memory lies there, and the others may be null', () => {
  const { out, status, stderr } = build('first', '--memory', 'dtcm=1M,sram=1M');
  assert.equal(status, 0, stderr);
  assert.equal(bytes(out, 'DTCM'), bytes(one.out, 'ARENA'));
  assert.equal(bytes(out, 'SRAM'), 0);
  assert.doesNotMatch(readFileSync(join(out, 'net.c'), 'utf8'), /memory->sram/);
});

test('too little memory: exit code 3, and the enlargement that is named does', () => {
  const refused = build('none', '--memory', 'dtcm=640,sram=1280');
  assert.equal(refused.status, 3);
  const found = /Q0622[\s\S]*the smallest enlargement that would do: (\d+) more bytes of (\w+)/.exec(refused.stderr);
  assert.ok(found !== null, refused.stderr);
  assert.ok(!existsSync(refused.out));
  const [, more, name] = found;
  const grown = { dtcm: 640, sram: 1280 };
  const sizes = Object.entries(grown).map(([n, size]) => `${n}=${n === name ? size + Number(more) : size}`);
  const done = build('grown', '--memory', sizes.join(','));
  assert.equal(done.status, 0, done.stderr);
});

test('weights go where the user says', () => {
  const { out, status, stderr } = build('weights', '--memory', 'dtcm=1K,sram=1M,weights=sram');
  assert.equal(status, 0, stderr);
  assert.match(readFileSync(join(out, 'net_weights.c'), 'utf8'), /^__attribute__\(\(section\("\.sram"\)\)\) _Alignas/m);
  assert.deepEqual(answer(out), answer(one.out));
  const small = build('small', '--memory', 'sram=4K,weights=sram');
  assert.equal(small.status, 3);
  assert.match(small.stderr, /Q0623.*weights take \d+ bytes, region sram has 4096/);
});

test('names of memories are members of a C struct', () => {
  for (const bad of [
    'DTCM=4K',
    'int=4K',
    'arena=4K',
    'profile=4K',
    'a-b=4K',
    'a=4K,a=4K',
    'a=',
    'weights=x,weights=y',
    'a=1K,weights=%',
  ])
    assert.throws(() => parseMemory(bad), { exitCode: 2 }, bad);
  assert.deepEqual(parseMemory('weights=qspi'), { regions: [], weights: 'qspi' });
});
