// needs: c-compiler emulator firmware
/**
 * Every kernel of every instruction set against plain C, bit for bit (check.h says how). `QCC_SEED=n` changes the cases;
 * a failure prints the seed and the case that repeats it.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isBareMetal } from '../../src/target/firmware.js';
import { currentHost, runsNatively } from '../../src/target/host.js';
import { buildCheck, checkedIsas } from './check-program.js';

const sanitized = ['-Og', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
/** Instances with run-time params: -O3 would only take longer to compile them; whole models are built with it. */
const plain = ['-O2'];
const seed = process.env.QCC_SEED ?? '1';

describe('kernels', { concurrency: 2 }, () => {
  for (const checked of checkedIsas()) {
    const native = runsNatively(checked.target, currentHost());
    const builds: readonly { readonly name: string; readonly cc?: string; readonly flags: readonly string[] }[] = [
      { name: 'gcc', flags: plain },
      // Images are linked with newlib, for which only gcc has the specs; clang compiles the library (test/firmware).
      ...(isBareMetal(checked.target) ? [] : [{ name: 'clang', cc: 'clang-16', flags: plain }]),
      ...(native ? [{ name: 'gcc with sanitizers', flags: sanitized }] : []),
    ];
    for (const { name, cc, flags } of builds)
      test(`kernels of ${checked.isa} equal plain C, ${name}`, async (t) => {
        const program = await buildCheck(checked, cc, flags);
        try {
          const result = await program.run(['--seed', seed, '--cases', native ? '1000' : '150']);
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
