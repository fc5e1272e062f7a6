// needs: c-compiler firmware seconds
/** `--profile`: times on hosts, instructions in QEMU under that name alone, and a counter that users may replace. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { executedSteps, instructionProfile } from '../../src/cli/target-profile.js';
import { isBareMetal } from '../../src/target/firmware.js';
import { currentHost } from '../../src/target/host.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { runProgram } from '../../src/toolchain/run.js';
import { fashion, qcc } from '../cli/command.js';
import { convModel } from '../onnx/tiny-models.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-profile-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const strict = ['-Wall', '-Wextra', '-Wconversion', '-Wshadow', '-Wvla', '-pedantic', '-Werror'];

function build(target: string, ...more: string[]): string {
  const out = join(dir, target);
  const built = qcc(['build', fashion, '--target', target, '--emit', 'c,exe', '--profile', '-o', out, ...more]);
  assert.equal(built.status, 0, built.stderr);
  return out;
}

interface Row {
  readonly index: number;
  readonly op: string;
  readonly origin: readonly string[];
  readonly [unit: string]: unknown;
}

test('Cortex-M4 in QEMU: instructions of each step, those of qcc bench; never cycles', async () => {
  const out = build('cortex-m4', '--no-integer-only');
  const run = qcc(['run', out, '--json']);
  assert.equal(run.status, 0, run.stderr);
  const { outputs, profile } = JSON.parse(run.stdout);
  assert.equal(outputs.length, 1);
  assert.equal(profile.unit, 'instructions');
  const steps: readonly Row[] = profile.steps;
  const bench = qcc(['bench', fashion, '--target', 'cortex-m4', '--json']);
  assert.equal(bench.status, 0, bench.stderr);
  const counted: readonly Row[] = JSON.parse(bench.stdout).steps;
  assert.deepEqual(
    steps.map((s) => [s.index, s.op, s.origin]),
    counted.map((s) => [s.index, s.op, s.origin]),
  );
  // The two differ in how the call is made that ends a step.
  for (const [i, step] of steps.entries())
    assert.ok(Math.abs(Number(step.instructions) - Number(counted[i].instructions)) <= 12, JSON.stringify(step));
  assert.equal(
    profile.total,
    steps.reduce((sum, s) => sum + Number(s.instructions), 0),
  );
  const table = qcc(['run', out]).stdout;
  assert.match(table, /^profile {2}instructions of a run, counted in QEMU$/m);
  assert.match(table, /^ +4 +\d+ +\d+ % {2}conv2d-requant \["\/b2\/b2\.1\/b2\.1\.0\/Conv","\/Add"\]$/m);
  assert.doesNotMatch(table + run.stdout, /cycles|there is no counter/);
  // The image alone says that there is no counter in an emulator.
  const target = findTarget(loadTargets(), 'cortex-m4');
  const alone = await runProgram(join(out, 'fashion'), ['--json'], target, { env: process.env, host: currentHost() });
  assert.equal(JSON.parse(alone.stdout).profile, null);
  // For every core, with the cycle counter where the architecture has one.
  for (const { name, compilers, cFlags } of [...loadTargets().targets.values()].filter(isBareMetal)) {
    const compiler = compilers.gcc ?? '';
    const args = [...cFlags, '-std=c11', '-O2', ...strict, '-I.', '-c', 'host/profile.c', '-o', 'p.o'];
    execFileSync(compiler, args, { cwd: out });
    const text = execFileSync(compiler.replace('gcc', 'objdump'), ['-s', 'p.o'], { cwd: out, encoding: 'latin1' });
    assert.equal(text.includes('cycles'), /cortex-m(3|4|7|33|55)$/.test(name), name);
  }
});

test('on the host: nanoseconds in the table and in JSON; with a counter of the user, what it counts', () => {
  const out = build('scalar');
  const answer = JSON.parse(qcc(['run', out, '--json']).stdout);
  assert.deepEqual([answer.profile.unit, answer.profile.runs], ['ns', 10]);
  const steps: readonly Row[] = answer.profile.steps;
  assert.equal(
    answer.profile.total,
    steps.reduce((sum, s) => sum + Number(s.ns), 0),
  );
  assert.ok(steps.some((s) => Number(s.ns) > 0));
  assert.match(qcc(['run', out]).stdout, /^profile {2}ns of a run, mean of 10\n {5}0 +\d+ +\d+ % {2}quantize \["/m);
  // The n-th reading is n more than the one before it; counting a step takes three readings less than that.
  writeFileSync(
    join(out, 'count.c'),
    '#include <stdint.h>\nuint64_t my_ticks(void);\nuint64_t my_ticks(void) { static uint64_t n, sum; return sum += n++; }\n',
  );
  const sources = ['fashion.c', 'fashion_weights.c', 'host/main.c', 'host/bench.c', 'host/npy.c', 'host/tensor.c'];
  const own = ['-DQCC_PROFILE_TICKS=my_ticks', '-DQCC_PROFILE_UNIT="beans"', '-ffp-contract=off'];
  for (const cc of ['gcc', 'clang-16']) {
    const command = ['-std=c11', '-O1', ...strict, ...own, '-I.', ...sources, 'host/profile.c', 'count.c', '-o', 'own'];
    execFileSync(cc, command, { cwd: out });
    const said: { profile: { unit: string; steps: readonly Row[] } } = JSON.parse(
      execFileSync(join(out, 'own'), ['--json'], { encoding: 'utf8' }),
    );
    assert.equal(said.profile.unit, 'beans');
    assert.deepEqual(
      said.profile.steps.map((s) => s.beans),
      steps.map((_, i) => 2 + 2 * i),
    );
  }
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
  assert.equal(manifest.profile, true);
  const audit = qcc(['audit', out, '--model', fashion]);
  assert.equal(audit.status, 0, audit.stderr);
});

test('times of an emulator are shown with a word of warning', () => {
  const conv = join(dir, 'conv.onnx');
  writeFileSync(conv, convModel());
  const out = join(dir, 'neon');
  const args = [
    '--target',
    process.arch === 'arm64' ? 'x86-avx2' : 'arm-neon',
    '--emit',
    'exe',
    '--profile',
    '-o',
    out,
  ];
  assert.equal(qcc(['build', conv, ...args]).status, 0);
  const run = qcc(['run', out]);
  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stderr, /note\[Q0726\]: these times are of an emulator/);
});

test('loops: marks are told apart by the order in which a run executes its steps', () => {
  const inner = { first: 1, steps: 2, count: 2 };
  assert.deepEqual(executedSteps(4, [inner]), [0, 1, 2, 1, 2, 3]);
  assert.deepEqual(executedSteps(3, [{ first: 0, steps: 3, count: 2 }, inner]), [0, 1, 2, 1, 2, 0, 1, 2, 1, 2]);
  const step = { op: 'x', origin: [] };
  let now = 0;
  const marks = [0, 5, 1, 105, 1, 15, 1, 15].map((more, mark) => {
    now += more;
    return { mark, instructions: now };
  });
  const found = instructionProfile(
    [...marks, { mark: 8, instructions: now + 1 }],
    [step, step],
    [{ first: 1, steps: 1, count: 2 }],
  );
  assert.deepEqual([found?.total, found?.steps.map((s) => s.instructions)], [120, [100, 20]]);
  assert.equal(instructionProfile(marks, [step, step], []), undefined);
});
