// needs: c-compiler
/** The requantization of cores without an FPU, against the float one: 17 million comparisons at and around ties. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { baseCFlags } from '../../src/target/flags.js';
import { root } from '../cli/command.js';

test('integers alone requantize as float32 does', () => {
  const dir = mkdtempSync(join(tmpdir(), 'qcc-integer-'));
  try {
    const exe = join(dir, 'compare');
    const strict = ['-Wall', '-Wextra', '-Wconversion', '-Wshadow', '-pedantic', '-Werror'];
    execFileSync(
      'gcc',
      [...baseCFlags, ...strict, '-Iruntime-c/include', 'test/quant/requantize-integer.c', '-o', exe],
      {
        cwd: root,
      },
    );
    const compared = Number(execFileSync(exe, { encoding: 'utf8' }));
    assert.ok(compared > 10_000_000, String(compared));
  } finally {
    rmSync(dir, { recursive: true });
  }
});
