// needs: c-compiler emulator firmware
/**
 * Every kernel of every instruction set against plain C, bit for bit (check.h says how). `QCC_SEED=n` changes the cases;
 * a failure prints the seed and the case that repeats it.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isBareMetal } from '../../src/target/firmware.js';
import { currentHost, runsNatively } from '../../src/target/host.js';
import { buildCheck, buildEmulatedCheck, type CheckedIsa, type CheckProgram, checkedIsas } from './check-program.js';

const sanitized = ['-Og', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
/** Instances with run-time params: more would only take twice as long to compile them; whole models are built with -O3. */
const plain = [process.env.QCC_FULL === undefined ? '-O1' : '-O2'];
const seed = process.env.QCC_SEED ?? '1';
const isFull = process.env.QCC_FULL !== undefined;
const caseCount = isFull ? 1000 : 500;
const emulatedCount = isFull ? 300 : 100;
/** The same tiles of AVX-512 once more: a quarter of a minute of compiling. Whole programs have it (test/ops/samples.test.ts). */
const heavyOf512 = ['conv2d_q16'];

function plainly(checked: CheckedIsa): CheckedIsa {
  return isFull || checked.target.isas.length < 3 || !checked.isa.startsWith('x86')
    ? checked
    : without(checked, heavyOf512);
}

function without(checked: CheckedIsa, left: readonly string[]): CheckedIsa {
  const families = checked.families.filter((family) => !left.includes(family));
  return { ...checked, families, unchecked: [...checked.unchecked, ...left] };
}

describe('kernels', { concurrency: 2 }, () => {
  for (const checked of checkedIsas()) {
    const native = runsNatively(checked.target, currentHost());
    const sides: readonly (readonly [name: string, build: () => Promise<CheckProgram>])[] = [
      ['gcc', () => buildCheck(plainly(checked), undefined, plain)],
      // Images are linked with newlib, for which only gcc has the specs; clang compiles the library (test/firmware).
      // Intrinsics take clang half a minute an ISA: `npm run test:full`, and whole programs elsewhere.
      ...(isBareMetal(checked.target) || (checked.target.isas.length > 1 && !isFull)
        ? []
        : [['clang', () => buildCheck(checked, 'clang-16', plain)] as const]),
      // Intrinsics take minutes to compile with them: `npm run test:full`, and whole programs (test/generated-c); here buffers end
      // at pages that nobody may read.
      ...(native && (checked.target.isas.length < 2 || isFull)
        ? [['gcc with sanitizers', () => buildCheck(checked, undefined, sanitized)] as const]
        : []),
    ];
    const emulated = [['gcc, intrinsics emulated', () => buildEmulatedCheck(checked)]] as const;
    const builds = native || checked.emulated === undefined ? sides : emulated;
    for (const [name, build] of builds)
      test(`kernels of ${checked.isa} equal plain C, ${name}`, async (t) => {
        const program = await build();
        try {
          const result = await program.run(['--seed', seed, '--cases', String(native ? caseCount : emulatedCount)]);
          if (checked.unchecked.length > 0) t.diagnostic(`without cases: ${checked.unchecked.join(', ')}`);
          t.diagnostic(
            `seed ${seed}: ${result.stdout.split('\n').filter((line) => line.startsWith('ok')).length} kernels`,
          );
          assert.equal(result.exitCode, 0, `${result.stdout}${result.stderr}`);
        } finally {
          program.remove();
        }
      });
  }
});
