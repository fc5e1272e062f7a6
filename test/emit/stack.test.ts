// needs: c-compiler emulator
/**
 * `<MODEL>_STACK_BYTES` holds: frames as gcc and clang report them (-fstack-usage), added up along the deepest possible
 * chain of calls: the run, one kernel instance, and every function that was not inlined.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { baseCFlags, isaCFlags, stackBytesOn } from '../../src/target/flags.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { fashion, qcc, shared } from '../cli/command.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-stack-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const models = [fashion, join(shared, 'models/mnist8_lenet/mnist-8.onnx')];
const builds = [
  { target: 'x86-avx512vnni', compiler: process.arch === 'x64' ? 'gcc' : 'x86_64-linux-gnu-gcc' },
  { target: 'x86-avx512vnni', compiler: 'clang-16', flags: ['--target=x86_64-linux-gnu'] },
  { target: 'arm-neon', compiler: process.arch === 'arm64' ? 'gcc' : 'aarch64-linux-gnu-gcc' },
  { target: 'scalar', compiler: 'gcc' },
  ...(process.env.QCC_FULL === undefined
    ? []
    : ([
        { target: 'x86-avx2', compiler: process.arch === 'x64' ? 'gcc' : 'x86_64-linux-gnu-gcc' },
        { target: 'x86-avx2', compiler: 'clang-16', flags: ['--target=x86_64-linux-gnu'] },
        { target: 'armv7-a', compiler: 'arm-linux-gnueabihf-gcc' },
      ] as const)),
] as const;
/** The address the call pushes, and alignment of the frame. */
const PER_CALL = 16;

function depth(usage: string, run: string, instances: string): number {
  let [own, deepest, others] = [0, 0, 0];
  for (const line of usage.trimEnd().split('\n')) {
    const [place, bytes, kind] = line.split('\t');
    assert.ok(kind === 'static' || kind === 'dynamic,bounded', line);
    // "model.c:12:5:name.constprop.0", with a column or without.
    const name = place.replace(/^.*:/, '');
    const frame = Number(bytes) + PER_CALL;
    if (name.split('.')[0] === run) own += frame;
    else if (name.startsWith(instances)) deepest = Math.max(deepest, frame);
    else others += frame;
  }
  assert.ok(own > 0, `no frame of ${run} in\n${usage}`);
  return own + deepest + others;
}

for (const { target: name, compiler, ...more } of builds)
  test(`a run takes at most NET_STACK_BYTES of stack: ${name}, ${compiler}`, () => {
    const target = findTarget(loadTargets(), name);
    const stackBytes = stackBytesOn(target);
    const found: string[] = [];
    for (const model of models) {
      const out = join(dir, `${name}-${models.indexOf(model)}`);
      if (!existsSync(out)) {
        const built = qcc(['build', model, '--target', name, '--emit', 'c', '--name', 'net', '-o', out]);
        assert.equal(built.status, 0, built.stderr);
      }
      assert.match(readFileSync(join(out, 'net.h'), 'utf8'), new RegExp(`#define NET_STACK_BYTES ${stackBytes}\n`));
      for (const level of ['-Os', '-O3']) {
        const flags = [...baseCFlags, ...target.cFlags, ...isaCFlags(target), ...('flags' in more ? more.flags : [])];
        execFileSync(compiler, [...flags, level, '-fstack-usage', '-I.', '-c', 'net.c', '-o', 'net.o'], { cwd: out });
        const bytes = depth(readFileSync(join(out, 'net.su'), 'utf8'), 'net_run', 'net_');
        if (bytes > stackBytes) found.push(`${model} ${level}: ${bytes}`);
      }
    }
    assert.deepEqual(found, []);
  });
