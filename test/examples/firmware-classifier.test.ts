// needs: c-compiler firmware
/** The firmware example boots on a Cortex-M4 and a Cortex-M55 board, proves its bytes and sees an ankle boot. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { root } from '../cli/command.js';

const example = join(root, 'examples/firmware-classifier');
const dir = mkdtempSync(join(tmpdir(), 'qcc-firmware-example-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const strict = '-Wall -Wextra -Wconversion -Wshadow -Wvla -Werror';

for (const target of ['cortex-m4', 'cortex-m55'])
  test(`${target}: self-test, label and instructions, from flash`, () => {
    const make = ['-s', `OUT=${dir}`, `TARGET=${target}`, `CFLAGS=${strict}`];
    const said = execFileSync('make', make, { cwd: example, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    const shown = /```\n(self-test[\s\S]*?)```/.exec(readFileSync(join(example, 'README.md'), 'utf8'))?.[1] ?? '-';
    assert.ok(said.includes(shown), said);
    const count = Number(/^run +(\d+) instructions in QEMU$/m.exec(said)?.[1]);
    // 1.3 million multiply-accumulates; a broken clock would say nothing, or the whole 24 bits.
    assert.ok(count > 100_000 && count < 20_000_000, said);
  });
