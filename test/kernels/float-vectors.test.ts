// needs: c-compiler emulator
/**
 * Float vectors of 32-bit ARM flush subnormal numbers to zero. Plain C's kernels, compiled with the flags of
 * armv7-a and foreign ones, hold none; clang is refused where its vectorizers are on.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { isaCFlags } from '../../src/target/flags.js';
import { findTarget, loadTargets, runtimeRoot } from '../../src/target/load.js';
import { runProcess } from '../../src/toolchain/process.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-float-vectors-'));
after(() => rmSync(dir, { recursive: true, force: true }));

/** Arithmetic, comparisons and conversions (copies are not) of f32 on two or four lanes; on s registers they are VFP's. */
const vectors = /^\s*v(?!mov)[a-z]+\.f32(?:\.[su]32)?\s+[dq]\d.*$/gm;

function scalarKernels(): string {
  const { runtime } = loadAssets();
  const headers = [...runtime.keys()].filter((path) => /^isa\/scalar\/.*\.h$/.test(path)).sort();
  return `${headers.map((path) => `#include "${path}"`).join('\n')}
#define QCC_KERNEL(family, tile, packing, needs, slack, scratch, rate, symbol) \\
  extern qcc_##family##_fn *const keep_##symbol; qcc_##family##_fn *const keep_##symbol = symbol;
#include "isa/scalar/kernels.def"
`;
}

const vectorSum = `#include <arm_neon.h>
float32x4_t sum(float32x4_t a, float32x4_t b) { return vaddq_f32(a, b); }
`;

const target = findTarget(loadTargets(), 'armv7-a');

async function assemblyOf(cc: readonly string[], flags: readonly string[], text: string): Promise<string> {
  writeFileSync(join(dir, 'unit.c'), text);
  const include = [`-I${runtimeRoot()}`, `-I${join(runtimeRoot(), 'include')}`];
  const isa = isaCFlags(target, cc[0] === 'clang-16' ? 'clang' : 'gcc');
  const command = [...cc, ...flags, ...target.cFlags, ...isa, ...include, '-S', 'unit.c', '-o', 'unit.s'];
  const { exitCode, stderr } = await runProcess(command, { cwd: dir });
  assert.equal(exitCode, 0, stderr);
  return readFileSync(join(dir, 'unit.s'), 'utf8');
}

for (const cc of [['arm-linux-gnueabihf-gcc'], ['clang-16', '--target=arm-linux-gnueabihf']])
  test(`${cc[0]} makes no float vectors of plain C for armv7-a`, async () => {
    assert.equal((await assemblyOf(cc, ['-O3'], vectorSum)).match(vectors)?.length, 1);
    if (cc[0] === 'clang-16')
      await assert.rejects(
        assemblyOf(cc, ['-O2'], '#undef QCC_VECTORIZERS_OFF\n#include "qcc/base.h"\n'),
        /QCC_VECTORIZERS_OFF/,
      );
    const assembly = await assemblyOf(cc, ['-std=gnu11', '-O3'], scalarKernels());
    assert.ok((assembly.match(/^\s*vmul\.f32\s+s\d/gm) ?? []).length > 10, 'the kernels are there');
    assert.deepEqual(assembly.match(vectors) ?? [], []);
  });
