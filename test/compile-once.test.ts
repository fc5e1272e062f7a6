// needs: processes
/** What compile-once.sh takes for the same compilation, and what it does not. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const dir = mkdtempSync(join(tmpdir(), 'qcc-once-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const at = (name: string): string => join(dir, name);
for (const folder of ['programs', 'objects', 'real', 'c']) mkdirSync(at(folder));
symlinkSync(fileURLToPath(new URL('compile-once.sh', import.meta.url)), at('programs/gcc'));

/** Tells that it ran; its object is what it read, its words of warning those of the file. */
const compiler = `#!/bin/sh
echo ran >> ${at('log')}
[ "$1" = --version ] && exit 0
for word; do case $word in *.c) source=$word;; esac; object=$word; done
grep warn "$source" >&2
grep -q wrong "$source" && exit 1
cat "$source" > "$object"; echo stack > "\${object%.o}.su"
`;
writeFileSync(at('real/gcc'), compiler, { mode: 0o755 });

/** How often the compiler ran for these words. */
function runs(...words: readonly string[]): number {
  rmSync(at('log'), { force: true });
  // A folder before ours, as npm puts one there.
  const env = { ...process.env, PATH: `${at('c')}:${at('programs')}:${at('real')}:${process.env.PATH}` };
  const { stderr, error } = spawnSync('gcc', words, { cwd: at('c'), env, encoding: 'utf8', timeout: 20_000 });
  assert.equal(error, undefined);
  warned = stderr;
  return existsSync(at('log')) ? readFileSync(at('log'), 'utf8').trim().split('\n').length : 0;
}
let warned = '';
const write = (name: string, text: string) => writeFileSync(at(`c/${name}`), text);

test('the same C with the same flags is compiled once, to the same files', () => {
  write('a.c', 'int a;');
  write('a.h', '');
  assert.equal(runs('-O1', '-I.', '-c', 'a.c', '-o', 'one.o'), 1);
  assert.equal(runs('-O1', '-I.', '-c', 'a.c', '-o', 'two.o'), 0);
  assert.equal(readFileSync(at('c/two.o'), 'utf8'), 'int a;');
  assert.equal(readFileSync(at('c/two.su'), 'utf8'), 'stack\n');
});

test('other flags, other headers, other C, and what else a compiler does, are its own', () => {
  assert.equal(runs('-O2', '-I.', '-c', 'a.c', '-o', 'x.o'), 1);
  write('a.h', 'int b;');
  assert.equal(runs('-O1', '-I.', '-c', 'a.c', '-o', 'x.o'), 1);
  write('a.c', 'int c;');
  assert.equal(runs('-O1', '-I.', '-c', 'a.c', '-o', 'x.o'), 1);
  for (const words of [['-g', '-c'], ['-I/tmp', '-c'], ['-include', 'a.h', '-c'], ['-E']])
    for (const _ of [1, 2]) assert.equal(runs(...words, 'a.c', '-o', 'x.o'), 1, words.join(' '));
  for (const _ of [1, 2]) assert.equal(runs('--version'), 1);
});

test('warnings, failures and files for the assembler are never kept', () => {
  for (const text of ['warn', 'wrong', '__asm__(".incbin \\"x\\"");']) {
    write('w.c', text);
    for (const _ of [1, 2]) assert.equal(runs('-c', 'w.c', '-o', 'w.o'), 1, text);
    assert.equal(warned.trim(), text === 'warn' ? 'warn' : '');
  }
});
