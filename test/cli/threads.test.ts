// needs: c-compiler seconds
/** `--threads` on the command line and in the program: what is said where there are fewer, and the same answers. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { fashion, qcc } from './command.js';

const folder = mkdtempSync(join(tmpdir(), 'qcc-threads-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function built(name: string, env: Readonly<Record<string, string>>, ...more: readonly string[]): string {
  const dir = join(folder, name);
  const { status, stderr } = qcc(['build', fashion, '-o', dir, ...more], env);
  assert.equal(status, 0, stderr);
  return dir;
}

/** What a program printed, and its exit code, of which nothing is said where it is 0. */
function ran(dir: string, ...args: readonly string[]): { readonly out: string; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(join(dir, 'fashion'), args, { encoding: 'utf8' });
  return { out: stdout, said: `${stderr}${status === 0 ? '' : `exit ${status}`}` };
}

test('a program for 2 threads runs on 1, on 2, and says why not on 9', () => {
  const dir = built('two', {}, '--threads', '2');
  const manifest: unknown = JSON.parse(readFileSync(join(dir, 'manifest.json'), 'utf8'));
  assert.ok(typeof manifest === 'object' && manifest !== null && 'parts' in manifest);
  assert.deepEqual(manifest.parts, { most: 2, barrier: 'barrier' });
  const one = ran(dir, '--json', '--threads', '1');
  assert.equal(one.said, '');
  assert.deepEqual(ran(dir, '--json'), one);
  const nine = ran(dir, '--json', '--threads=9');
  assert.equal(nine.out, one.out);
  assert.match(nine.said, /^fashion: made for 2 threads at most, 9 asked for\n/);
  assert.match(
    ran(dir, '--threads', '0').said,
    /^fashion: --threads needs a number from 1 to 1024, found 0\n.*exit 2$/s,
  );
  assert.equal(JSON.parse(ran(dir, '--info', '--json').out).threads, 2);
});

test('a thread that does not start: one does it all, and says so', () => {
  const header = join(folder, 'refused.h');
  writeFileSync(
    header,
    '#define _GNU_SOURCE\n#include <pthread.h>\nstatic inline int refused(pthread_t *t, const void *a, void *(*f)(void *), void *c) {\n' +
      '  (void)t, (void)a, (void)f, (void)c;\n  return 11;\n}\n#define pthread_create refused\n',
  );
  const dir = built('refused', { CFLAGS: `-include ${header}` }, '--threads', '2');
  const two = ran(dir, '--json', '--threads', '2');
  assert.match(
    two.said,
    availableParallelism() > 1
      ? /^fashion: only 1 of 2 threads started\n$/
      : /^fashion: 1 core here, 2 threads asked for\n$/,
  );
  assert.equal(two.out, ran(dir, '--json', '--threads', '1').out);
});

test('verify and bench run on threads', () => {
  const verify = qcc(['verify', fashion, '--threads', '2', '--steps', '--json']);
  assert.equal(verify.status, 0, verify.stderr);
  const { steps } = JSON.parse(verify.stdout);
  assert.ok(steps.length > 5 && steps.every((s: { equal_fraction: number }) => s.equal_fraction === 1));
  const bench = qcc(['bench', fashion, '--threads', '2', '--json']);
  assert.equal(bench.status, 0, bench.stderr);
  const answer = JSON.parse(bench.stdout);
  assert.equal(answer.threads, 2);
  assert.ok(answer.qcc.min_us > 0 && answer.steps.length === steps.length);
});

test('what is no number of threads is refused', () => {
  for (const given of ['0', '65', '1.5', 'x'])
    assert.match(qcc(['build', fashion, '--threads', given]).stderr, /--threads needs a number from 1 to 64/, given);
});
