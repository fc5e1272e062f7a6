// needs: c-compiler
/** `--budget`: what fits is built, what does not is refused with exit code 3, before anything is written. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { parseSize, parseSizes } from '../../src/cli/size-text.js';
import { fashion, qcc } from './command.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-budget-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const build = (name: string, budget: string, env: Readonly<Record<string, string>> = {}, ...more: string[]) =>
  qcc(['build', fashion, '-o', join(dir, name), '--target', 'scalar', '--emit', 'c', '--budget', budget, ...more], env);

test('a model that fits is built; the answer says what it takes', () => {
  const { status, stdout, stderr } = build('fits', 'flash=1M,ram=64K', {}, '--json');
  assert.equal(status, 0, stderr);
  const answer = JSON.parse(stdout);
  assert.ok(answer.flash_bytes > answer.weights_bytes && answer.flash_bytes < 1 << 20);
  const { stack_bytes: stack } = answer;
  assert.ok(stack > 0 && stack <= 4096);
  // Every function that is not inlined, largest first.
  const frames: readonly { function: string; bytes: number }[] = answer.stack;
  assert.ok(frames.some((f) => f.function === 'fashion_run' && f.bytes < stack));
  assert.ok(frames.every((f, i) => i === 0 || f.bytes <= frames[i - 1].bytes));
  assert.equal(answer.ram_bytes, answer.arena_bytes + 28 * 28 * 4 + 10 * 4 + stack);
  const exact = build('exact', `flash=${answer.flash_bytes},ram=${answer.ram_bytes}`);
  assert.equal(exact.status, 0, exact.stderr);
  const { status: refused, stderr: why } = build(
    'below',
    `flash=${answer.flash_bytes - 1},ram=${answer.ram_bytes - 1}`,
  );
  assert.equal(refused, 3);
  assert.match(why, /Q0620[^\n]* 1 more than the budget/);
  assert.match(why, /Q0621[^\n]* 1 more than the budget/);
});

test('what does not fit is refused, nothing is written, and the largest things are named', () => {
  const { status, stderr } = build('refused', 'flash=4K,ram=8KB');
  assert.equal(status, 3);
  assert.match(
    stderr,
    /error\[Q0620\]: needs \d+ bytes of RAM, \d+ more than the budget of 8000: arena \d+, inputs 3136/,
  );
  assert.match(stderr, /largest is the arena: \d+ of \d+ bytes/);
  assert.match(stderr, /the arena is fullest in step \d+, /);
  assert.match(stderr, /\d+ bytes {2}result of step \d+, [\w-]+ from "/);
  assert.match(
    stderr,
    /error\[Q0621\]: needs \d+ bytes of flash, \d+ more than the budget of 4096: weights \d+, code \d+/,
  );
  assert.match(stderr, /largest weights:\n[^\n]*\d+ bytes {2}step \d+/);
  assert.match(stderr, /--optimize size needs \d+ bytes/);
  assert.ok(!existsSync(join(dir, 'refused')));
});

test('without a compiler flash is estimated, and called so', () => {
  const { status, stderr } = build('estimated', 'flash=4K', { PATH: '/nowhere', CC: '' });
  assert.equal(status, 3);
  assert.match(stderr, /bytes of flash \(estimated: no compiler of the target is installed\)/);
});

test('sizes are as linker scripts write them', () => {
  assert.equal(parseSize('128K'), 131072);
  assert.equal(parseSize('1.5M'), 1572864);
  assert.equal(parseSize('32kb'), 32000);
  assert.equal(parseSize('32KiB'), 32768);
  assert.equal(parseSize('900'), 900);
  for (const bad of ['', 'K', '12Q', '-4K', '0.3', '1e3', 'NaN']) assert.equal(parseSize(bad), undefined, bad);
  assert.deepEqual(
    [...parseSizes('--memory', 'dtcm=64K,sram=1M', '')],
    [
      ['dtcm', 65536],
      ['sram', 1048576],
    ],
  );
  for (const bad of ['flash', 'flash=', '=4K', 'ram=1K,ram=2K', 'ram=1K,'])
    assert.throws(() => parseSizes('--budget', bad, ''), { exitCode: 2 });
  assert.equal(build('usage', 'rom=4K').status, 2);
});
