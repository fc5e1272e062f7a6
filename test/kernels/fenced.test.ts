// needs: c-compiler
/** Kernels have lines for builds that do not promise to leave products and sums apart (QCC_FENCED of qcc/base.h): they compile too. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { isaCFlags } from '../../src/target/flags.js';
import { findTarget, loadTargets, runtimeRoot } from '../../src/target/load.js';
import { runProcess } from '../../src/toolchain/process.js';
import { checkedIsas } from './check-program.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-fenced-'));
after(() => rmSync(dir, { recursive: true, force: true }));

for (const { isa, headers } of checkedIsas().filter((checked) => checked.isa.startsWith('x86-')))
  for (const cc of ['gcc', 'clang-16'] as const)
    test(`kernels of ${isa} compile with ${cc} that may contract`, async () => {
      const lines = headers.map((path) => `#include "${path}"`);
      const check = '#if !QCC_FENCED\n#error "no fences"\n#endif';
      writeFileSync(join(dir, `${isa}-${cc}.c`), [...lines, check, 'int main(void) { return 0; }', ''].join('\n'));
      const flags = isaCFlags(findTarget(loadTargets(), isa), cc === 'gcc' ? 'gcc' : 'clang');
      const include = [`-I${runtimeRoot()}`, `-I${join(runtimeRoot(), 'include')}`];
      const strict = ['-Wall', '-Wextra', '-Werror', '-Wno-unused-function'];
      const command = [cc, '-std=c11', '-O1', ...flags, ...include, ...strict, '-fsyntax-only', `${isa}-${cc}.c`];
      const { exitCode, stderr } = await runProcess(command, { cwd: dir });
      assert.equal(exitCode, 0, stderr);
    });
