// needs: c-compiler
/**
 * The float functions of x86-avx2 and x86-avx512vnni decide a result from fewer bits and fall back to the formula where those
 * leave a doubt (decision 0026): nowhere may that differ. Sigmoids and erf are the same on all ways, and what decisions
 * 0058 and 0065 say of their error holds. Every 251st float; with QCC_FULL all of them, minutes.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { baseCFlags, isaCFlags } from '../../src/target/flags.js';
import { findTarget, loadTargets, runtimeRoot } from '../../src/target/load.js';
import { needsCpu } from '../native-targets.js';

const name = 'x86-avx512vnni';
const step = process.env.QCC_FULL === undefined ? '251' : '1';

test('exp, erf, tanh, sigmoid and what is made of them are the formula at every float', needsCpu(name), () => {
  const dir = mkdtempSync(join(tmpdir(), 'qcc-floats-'));
  try {
    const exe = join(dir, 'floats');
    const source = fileURLToPath(new URL('every_float.c', import.meta.url));
    const include = ['', 'include', 'isa/x86-avx2', `isa/${name}`].map((path) => `-I${join(runtimeRoot(), path)}`);
    const flags = [...baseCFlags, ...isaCFlags(findTarget(loadTargets(), name))];
    execFileSync('gcc', ['-O2', ...flags, ...include, source, '-o', exe], { stdio: 'pipe' });
    assert.equal(execFileSync(exe, [step], { encoding: 'utf8' }), '');
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
