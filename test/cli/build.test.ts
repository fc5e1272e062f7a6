// needs: c-compiler emulator
/** Build folders from the command line: reproducible, repairable, never half-written, and what happens without tools. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { writeNpy } from '../../src/npy.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { convModel, denseModel, floatModel } from '../onnx/tiny-models.js';
import { cnn } from '../quantizer/float-models.js';
import { file, filesIn, qcc, qccMeanwhile, scratch, until } from './installed.js';

const conv = file('conv.onnx', convModel());
const dense = file('dense.onnx', denseModel());
const out = (name: string): string => join(scratch, name);

/** Every file of a folder with its digest. */
function digests(folder: string): Record<string, string> {
  return Object.fromEntries(
    filesIn(folder).map((path) => [
      path,
      createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest('hex'),
    ]),
  );
}

test('the same input gives the same bytes: another folder, another place of the model, another time', () => {
  const args = ['--emit', 'c,exe,lib,shared', '--target', 'scalar'];
  assert.equal(qcc(['build', conv, '-o', out('once'), ...args]).code, 0);
  mkdirSync(out('elsewhere/deep'), { recursive: true });
  copyFileSync(conv, out('elsewhere/deep/conv.onnx'));
  const again = qcc(['build', './conv.onnx', '-o', '../../twice', ...args], {
    cwd: out('elsewhere/deep'),
    env: { TZ: 'Asia/Tokyo', LC_ALL: 'C', HOME: '/nowhere' },
  });
  assert.equal(again.code, 0, again.stderr);
  const first = digests(out('once'));
  assert.deepEqual(digests(out('twice')), first);
  for (const wanted of ['conv', 'libconv.a', 'libconv.so', 'conv.c', 'manifest.json', 'host/Makefile'])
    assert.ok(wanted in first);
  for (const path of filesIn(out('once')))
    assert.ok(!readFileSync(join(out('once'), path)).includes(scratch), `${path} holds a path of this machine`);
});

test('the default folder is qcc-out/<model>, and its program runs', () => {
  const cwd = out('default');
  mkdirSync(cwd);
  const { code, stdout } = qcc(['build', conv], { cwd });
  assert.equal(code, 0);
  assert.match(stdout, /^folder +qcc-out\/conv$/m);
  assert.ok(statSync(join(cwd, 'qcc-out/conv/conv')).mode & 0o100);
  const run = qcc(['run', 'qcc-out/conv', '--json'], { cwd });
  assert.equal(run.code, 0, run.stderr);
  assert.equal(JSON.parse(run.stdout).outputs[0].name, 'y');
});

test('building again changes nothing; a smaller build removes what it no longer makes', () => {
  const folder = out('again');
  qcc(['build', conv, '-o', folder, '--emit', 'c', '--target', 'scalar']);
  const old = new Date(2001, 1, 1);
  for (const path of filesIn(folder)) utimesSync(join(folder, path), old, old);
  qcc(['build', conv, '-o', folder, '--emit', 'c', '--target', 'scalar']);
  for (const path of filesIn(folder)) assert.deepEqual(statSync(join(folder, path)).mtime, old, path);
  writeFileSync(join(folder, 'mine.txt'), 'mine');
  const { code } = qcc(['build', conv, '-o', folder, '--emit', 'c', '--target', 'scalar', '--single-file']);
  assert.equal(code, 0);
  assert.deepEqual(
    filesIn(folder).filter((path) => !path.startsWith('host/')),
    ['CMakeLists.txt', 'conv.c', 'conv.h', 'manifest.json', 'mine.txt'],
  );
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  assert.deepEqual(
    filesIn(folder).filter((path) => path !== 'mine.txt'),
    manifest.files,
  );
  for (const field of [
    'qcc',
    'format',
    'model_sha256',
    'target',
    'arena_bytes',
    'arena_lower_bound',
    'buffers',
    'steps',
  ])
    assert.ok(field in manifest, field);
});

test('a folder of somebody else is refused, and stays as it was', () => {
  const folder = out('thesis');
  mkdirSync(folder);
  writeFileSync(join(folder, 'thesis.tex'), 'years of work');
  const { code, stderr } = qcc(['build', conv, '-o', folder]);
  assert.equal(code, 1);
  assert.match(stderr, /error\[Q0603\]: .*thesis is not empty and holds no manifest\.json of qcc/);
  assert.deepEqual(filesIn(folder), ['thesis.tex']);
});

test('a model at fault leaves no folder', () => {
  const bad = file('bad.onnx', convModel().subarray(0, 500));
  assert.equal(qcc(['build', bad, '-o', out('bad')]).code, 1);
  assert.ok(!existsSync(out('bad')));
});

/** A PATH on which there is node and nothing else. */
function bareTools(): { PATH: string } {
  const folder = out('bare-bin');
  mkdirSync(folder, { recursive: true });
  return { PATH: folder };
}

test('--emit c needs no compiler', () => {
  const { code, stderr } = qcc(['build', conv, '-o', out('no-compiler'), '--emit', 'c'], { env: bareTools() });
  assert.equal(code, 0, stderr);
  assert.ok(existsSync(join(out('no-compiler'), 'conv.c')));
});

test('without a compiler: exit code 4, and the package to install', () => {
  const native = qcc(['build', conv, '-o', out('none')], { env: bareTools() });
  assert.equal(native.code, 4);
  assert.match(native.stderr, /error\[Q0501\].*\n.*apt-get install gcc libc6-dev/);
  const cross = qcc(['build', conv, '-o', out('none2'), '--target', 'arm-neon'], { env: bareTools() });
  assert.equal(cross.code, 4);
  assert.match(cross.stderr, /error\[Q0501\].*\n.*apt-get install gcc-aarch64-linux-gnu/);
});

test('without an emulator: exit code 4, and the package to install', () => {
  qcc(['build', conv, '-o', out('arm'), '--target', 'arm-neon']);
  const { code, stderr } = qcc(['run', out('arm')], { env: bareTools() });
  assert.equal(code, 4);
  assert.match(stderr, /error\[Q0506\].*qemu-aarch64 is not installed\n.*apt-get install qemu-user/);
});

test('a program for armv7-a says what a CPU without NEON lacks, with exit code 1', () => {
  const { code, stderr } = qcc(['build', conv, '-o', out('armv7'), '--target', 'armv7-a', '--optimize', 'size']);
  assert.equal(code, 0, stderr);
  const on = (cpu: string) => spawnSync('qemu-arm', ['-cpu', cpu, join(out('armv7'), 'conv')], { encoding: 'utf8' });
  const without = on('cortex-a9,neon=off');
  assert.equal(without.status, 1);
  assert.match(without.stderr, /^conv: this CPU lacks what target armv7-a needs \(neon\); build for another target\n$/);
  assert.deepEqual([on('cortex-a9').status, on('cortex-a9').stderr], [0, '']);
});

test('a compiler that fails: exit code 4, its words, and no program that looks whole', () => {
  const { code, stderr } = qcc(['build', conv, '-o', out('failing')], { env: { CFLAGS: '-ffast-math' } });
  assert.equal(code, 4);
  assert.match(stderr, /^error\[Q0503\]: gcc refused \S+\.c\n( {3}\| .*\n)+ {3}= help: take -ffast-math/m);
  assert.ok(!existsSync(join(out('failing'), 'conv')));
  assert.deepEqual(
    readdirSync(out('failing')).filter((name) => name.startsWith('.')),
    [],
  );
});

test('CC and CFLAGS are honoured', () => {
  const { code, stderr } = qcc(['build', conv, '-o', out('clang')], {
    env: { CC: 'clang-16 -DQCC_TEST=1', CFLAGS: '-O1 -fno-omit-frame-pointer' },
  });
  assert.equal(code, 0, stderr);
  assert.ok(readFileSync(join(out('clang'), 'conv')).includes('clang version 16'));
});

/** A compiler that stands still at what has `word` in its arguments, and is as good as gcc for the rest. */
function slowCompiler(name: string, word: string): { readonly path: string; readonly marker: string } {
  const marker = out(`${name}-started`);
  const path = file(
    `${name}/slow-gcc`,
    `#!/bin/sh
case "$*" in
  *--version*|*-dumpmachine*) exec gcc "$@";;
  *${word}*) echo $$ >> ${marker}; exec sleep 300;;
  *) exec gcc "$@";;
esac
`,
  );
  chmodSync(path, 0o755);
  return { path, marker };
}

/** Interrupts the command once a compiler stands still; nothing may be left of it but what `kept` are. */
async function interrupted(
  name: string,
  args: readonly string[],
  { signal = 'SIGINT', word = '', kept = [] }: Interruption = {},
): Promise<void> {
  const { path, marker } = slowCompiler(name, word);
  const [temporary, cwd] = [out(`${name}-tmp`), out(`${name}-work`)];
  for (const folder of [temporary, cwd]) mkdirSync(folder);
  const { code, stderr } = await qccMeanwhile(
    [...args, '--cc', path],
    async (pid) => {
      await until(() => existsSync(marker) && readFileSync(marker, 'utf8').includes('\n'));
      process.kill(pid, signal);
    },
    { cwd, env: { TMPDIR: temporary, XDG_CACHE_HOME: out('cache') } },
  );
  // Of a signal nobody has asked to be told otherwise: the shell says 128 and its number.
  assert.equal(code, signal === 'SIGINT' ? 130 : null, `${name}: ${stderr}`);
  const pids = readFileSync(marker, 'utf8').trim().split('\n').map(Number);
  await until(() => pids.every((pid) => !isAlive(pid)));
  assert.deepEqual(readdirSync(temporary), [], name);
  assert.deepEqual(
    filesIn(cwd).filter((path) => !path.startsWith('b/')),
    kept,
    name,
  );
  assert.ok(
    filesIn(cwd).every((path) => !path.includes('.qcc-')),
    name,
  );
}

interface Interruption {
  readonly signal?: 'SIGINT' | 'SIGTERM';
  readonly word?: string;
  readonly kept?: readonly string[];
}

test('Ctrl-C: exit code 130, the compilers are gone, nothing half-written is left', async () => {
  const float = file('cnn.onnx', encodeModel(cnn()));
  const numbers = Float32Array.from({ length: 8 * 192 }, (_, i) => ((i * 37) % 101) / 50 - 1);
  const data = file('cnn.npy', writeNpy({ element: 'f32', shape: [8, 3, 8, 8], data: numbers }));
  const calibrated = [float, '--calibrate', data];
  await interrupted('build', ['build', conv, '-o', 'b', '--target', 'scalar']);
  assert.ok(!existsSync(out('build-work/b/conv')));
  // What is there is a whole folder of sources that the next build takes over.
  const next = qcc(['build', conv, '-o', out('build-work/b'), '--target', 'scalar']);
  assert.equal(next.code, 0, next.stderr);
  await interrupted('tune', ['build', conv, '-o', 'b', '--tune'], { signal: 'SIGTERM' });
  await interrupted('run', ['run', conv]);
  // The statistics are there already, the model is not.
  await interrupted('quantize', ['quantize', ...calibrated, '-Q3', '-o', 'q.onnx'], { word: 'inputs' });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie whose parent has not looked yet is as good as gone.
    return !/^\S+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

test('two builds into one folder at the same time leave a whole one', async () => {
  const folder = out('shared');
  const ends = await Promise.all(
    [conv, conv].map((model) => qccMeanwhile(['build', model, '-o', folder, '--target', 'scalar'], async () => {})),
  );
  // Both see an empty folder or the other's manifest; a moment between is refused, not mixed.
  assert.ok(
    ends.some((end) => end.code === 0),
    ends.map((end) => end.stderr).join(''),
  );
  for (const { code, stderr } of ends) assert.ok(code === 0 || /Q0603|Q0604|Q050[34]/.test(stderr), stderr);
  assert.equal(qcc(['build', conv, '-o', folder, '--target', 'scalar']).code, 0);
  assert.equal(qcc(['run', folder, '--json']).code, 0);
});

test('another model in the same folder takes the place of the first', () => {
  const folder = out('replaced');
  qcc(['build', conv, '-o', folder, '--emit', 'c']);
  const { code, stderr } = qcc(['build', dense, '-o', folder, '--emit', 'c']);
  assert.equal(code, 0, stderr);
  assert.deepEqual(
    filesIn(folder).filter((path) => path.includes('conv.')),
    [],
  );
});

test('names that are words of C or hidden files make sensible names', () => {
  for (const [name, folder] of [
    ['float.onnx', 'float'],
    ['3d net (final).onnx', '3d net (final)'],
    ['.onnx', ''],
  ]) {
    const cwd = out(`named ${folder}`);
    mkdirSync(cwd);
    copyFileSync(file('float-model.onnx', floatModel()), join(cwd, name));
    const { code, stderr } = qcc(['build', name, '--emit', 'c'], { cwd });
    assert.equal(code, 0, stderr);
    assert.ok(filesIn(join(cwd, 'qcc-out')).some((path) => path.endsWith('manifest.json')));
  }
});
