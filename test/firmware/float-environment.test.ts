// needs: c-compiler firmware seconds
/**
 * A caller's rounding mode and its flushing of subnormal numbers change no answer, and it finds them as they were: on x86, on
 * both widths of Arm, and on microcontrollers with an FPU.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { compile } from '../../src/compiler.js';
import { writeTree } from '../../src/files.js';
import { cFlagsAt, isaCFlags, linkFlags } from '../../src/target/flags.js';
import { currentHost } from '../../src/target/host.js';
import { loadTargets } from '../../src/target/load.js';
import { runProgram } from '../../src/toolchain/run.js';
import { model, node, tensor, value } from '../onnx/model-builder.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-float-environment-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const assets = loadAssets();
const { targets } = loadTargets();

/** Products below the smallest normal number, and ones that round. */
const products = model({
  name: 'products',
  inputs: [value('x', 'f32', [64])],
  outputs: [value('y', 'f32', [64]), value('z', 'f32', [64])],
  initializers: { tiny: tensor('f32', [], [1.5e-39]), third: tensor('f32', [], [1 / 3]) },
  nodes: [node('Mul', ['x', 'tiny'], ['y']), node('Mul', ['x', 'third'], ['z'])],
});

const source = `#include "products.h"
#include <stdio.h>
#include <string.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
static unsigned get(void) { return _mm_getcsr() & 0xffc0u; }
static void set(unsigned control) { _mm_setcsr(control); }
enum { HOSTILE = 0x1f80 | 0x8040 | 0x4000 };
#elif defined(__aarch64__)
static unsigned get(void) { unsigned long r; __asm__ volatile("mrs %0, fpcr" : "=r"(r)); return (unsigned)r; }
static void set(unsigned control) { __asm__ volatile("msr fpcr, %0" : : "r"((unsigned long)control) : "memory"); }
enum { HOSTILE = 5 << 22 };
#else
static unsigned get(void) { unsigned r; __asm__ volatile("vmrs %0, fpscr" : "=r"(r)); return r & 0x07f79f00u; }
static void set(unsigned control) { __asm__ volatile("vmsr fpscr, %0" : : "r"(get() | control) : "memory"); }
enum { HOSTILE = 5 << 22 };
#endif
static _Alignas(64) unsigned char arena[PRODUCTS_ARENA_BYTES + 1];
static float x[64], y[2][64], z[2][64];
int main(void) {
  const struct products_inputs in = { x };
  const struct products_memory memory = { arena };
  int status = 0, found = 0;
  for (int i = 0; i < 64; i++) x[i] = (float)(i - 20) * 1.1f;
  for (int i = 0; i < 2; i++) {
    const struct products_outputs out = { y[i], z[i] };
    if (i == 1) set(HOSTILE);
    const unsigned before = get();
    status |= products_run(&in, &out, &memory);
    found |= get() != before;
    if (i == 1) found |= (before & HOSTILE) == HOSTILE ? 0 : 2;
  }
  printf("%d %d %d %d %d\\n", status, found, memcmp(y[0], y[1], sizeof y[0]), memcmp(z[0], z[1], sizeof z[0]), y[0][63] > 0);
  return 0;
}
`;

for (const name of ['scalar', 'arm-neon', 'armv7-a', 'cortex-m4', 'cortex-m55'])
  test(`${name}: answers do not depend on the caller's float environment, which is left as it was`, async () => {
    const target = targets.get(name);
    assert.ok(target !== undefined);
    const compiled = compile({ model: products, fileName: 'products.onnx' }, target, assets, {
      emit: { singleFile: false, allowIncbin: true },
    });
    const out = join(dir, name);
    writeTree(out, compiled.emitted.files);
    writeFileSync(join(out, 'environment.c'), source);
    const startup = compiled.emitted.hostSources.filter((path) => target.firmware.some((f) => path === `host/${f}`));
    const flags = [...cFlagsAt(compiled.policy.level), ...target.cFlags, ...isaCFlags(target), '-I.'];
    const link = [...target.crossLinkFlags, ...linkFlags(target, [])];
    const files = ['products.c', 'products_weights.c', 'environment.c', ...startup];
    execFileSync(target.compilers.gcc ?? 'gcc', [...flags, ...files, ...link, '-o', 'environment'], {
      cwd: out,
      stdio: 'pipe',
    });
    const run = await runProgram(join(out, 'environment'), [], target, { env: process.env, host: currentHost() });
    assert.equal(run.stdout.trim(), '0 0 0 0 1', run.stderr);
  });
