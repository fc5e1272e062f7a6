// needs: c-compiler firmware seconds
/**
 * On every core without an operating system: the self-test passes, and a run leaves the paint below `<MODEL>_STACK_BYTES`, and
 * below what the compiler's reports add up to, untouched.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { compile } from '../../src/compiler.js';
import { writeTree } from '../../src/files.js';
import { bufferBytes } from '../../src/program/program.js';
import { isBareMetal } from '../../src/target/firmware.js';
import { cFlagsAt, isaCFlags, linkFlags, stackBytesOn } from '../../src/target/flags.js';
import { currentHost } from '../../src/target/host.js';
import { loadTargets } from '../../src/target/load.js';
import { runProgram } from '../../src/toolchain/run.js';
import { undefinedNames } from '../../src/toolchain/sections.js';
import { assemblyPushes, runStack } from '../../src/toolchain/stack.js';
import { fashion } from '../cli/command.js';
import { convModel } from '../onnx/tiny-models.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-stack-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const assets = loadAssets();
const firmware = [...loadTargets().targets.values()].filter(isBareMetal);
assert.ok(firmware.length >= 7);

/** Paints the stack below itself, runs, and looks how deep the paint is gone. Nothing interrupts it. */
const source = (name: string, outputs: readonly number[]) => `#include "${name}.h"
#include <stdio.h>
enum { DEPTH = 16384, CLEAR = 64 };
static _Alignas(64) unsigned char arena[${name.toUpperCase()}_ARENA_BYTES + 1];
static _Alignas(64) unsigned char in[8192];
${outputs.map((bytes, i) => `static _Alignas(64) unsigned char out${i}[${bytes}];`).join('\n')}
static const struct ${name}_inputs inputs = { (const void *)in };
static const struct ${name}_outputs outs = { ${outputs.map((_, i) => `(void *)out${i}`).join(', ')} };
static const struct ${name}_memory memory = { arena };
static volatile int status;
static __attribute__((noinline)) int used(void) {
  uintptr_t sp;
#if defined(__arm__)
  __asm__ volatile("mov %0, sp" : "=r"(sp));
#else
  __asm__ volatile("mv %0, sp" : "=r"(sp));
#endif
  volatile unsigned char *const top = (volatile unsigned char *)sp;
  for (int i = 1; i <= DEPTH; i++) top[-i] = 0xA5;
  status = ${name}_run(&inputs, &outs, &memory);
  int depth = DEPTH;
  while (depth > 0 && top[-depth] == 0xA5) depth--;
  return depth;
}
int main(void) {
  const int depth = used();
  printf("%d %d %d %d\\n", depth, ${name.toUpperCase()}_STACK_BYTES, status, ${name}_selftest(&outs, &memory));
  return 0;
}
`;

async function measure(target: (typeof firmware)[number], model: Uint8Array, name: string) {
  const emit = { singleFile: false, allowIncbin: true, selftest: true };
  const compiled = compile({ model, fileName: `${name}.onnx` }, target, assets, { emit });
  const out = join(dir, `${target.name}-${name}`);
  writeTree(out, compiled.emitted.files);
  writeFileSync(join(out, 'paint.c'), source(name, compiled.program.outputs.map(bufferBytes)));
  const gcc = target.compilers.gcc ?? '';
  const flags = [...cFlagsAt(compiled.policy.level), ...target.cFlags, ...isaCFlags(target), '-I.'];
  execFileSync(gcc, [...flags, '-fstack-usage', '-c', `${name}.c`, '-o', 'model.o'], { cwd: out, stdio: 'pipe' });
  const startup = compiled.emitted.hostSources.filter((path) => target.firmware.some((f) => path === `host/${f}`));
  const files = ['model.o', `${name}_weights.c`, `${name}_selftest.c`, 'paint.c', ...startup];
  const link = [...target.crossLinkFlags, ...linkFlags(target, [])];
  execFileSync(gcc, [...flags, ...files, ...link, '-o', 'paint'], { cwd: out, stdio: 'pipe' });
  const run = await runProgram(join(out, 'paint'), [], target, { env: process.env, host: currentHost() });
  const [depth, bound, status, selftest] = run.stdout.trim().split(' ').map(Number);
  const names = undefinedNames(readFileSync(join(out, 'model.o')));
  const reported = runStack([readFileSync(join(out, 'model.su'), 'utf8')], name, {
    callsPush: false,
    callsLibrary: names?.every((symbol) => symbol.startsWith(`${name}_`)) !== true,
    pushed: assemblyPushes([...compiled.emitted.files.values()].filter((file) => typeof file === 'string')),
  });
  return { depth, bound, status, selftest, reported: reported?.bytes ?? 0 };
}

for (const target of firmware)
  test(`${target.name}: the self-test passes, the stack is bounded`, async () => {
    // A model with float parts where floats are calls of a library.
    const model = target.name === 'cortex-m0plus' ? readFileSync(fashion) : convModel();
    const found = await measure(target, model, target.name === 'cortex-m0plus' ? 'fashion' : 'conv');
    assert.deepEqual([found.status, found.selftest, found.bound], [0, 0, stackBytesOn(target)], JSON.stringify(found));
    if (process.env.QCC_SHOW) console.log(target.name, JSON.stringify(found));
    assert.ok(found.depth > 60 && found.depth <= found.reported, JSON.stringify(found));
    assert.ok(found.reported <= found.bound, JSON.stringify(found));
  });
