// needs: c-compiler
/**
 * What users get: the tarball of `npm pack`, installed in an empty folder, builds a model; and the built package
 * imported by its name. npm ignores our lock file and our `overrides` there, as it does for users, so this is also the
 * test of the dependencies' own choices. Needs the npm registry, as `npm ci` does.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const fashion = join(root, 'examples/fashion-classifier/fashion.onnx');
const work = mkdtempSync(join(tmpdir(), 'qcc-package-'));
const user = join(work, 'user');
const npmFlags = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];

// npm pack does it too, unless the user's npm is told to run no scripts.
before(() => {
  execFileSync('npm', ['run', '-s', 'build'], { cwd: root, stdio: 'inherit' });
});
after(() => rmSync(work, { recursive: true, force: true }));

function bytesBelow(folder: string): number {
  let sum = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    sum += entry.isDirectory() ? bytesBelow(path) : entry.isFile() ? statSync(path).size : 0;
  }
  return sum;
}

test('the packed package, installed without dev dependencies, builds and runs a model', () => {
  const packed = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', work, ...npmFlags], {
      cwd: root,
      encoding: 'utf8',
    }),
  );
  const names: string[] = packed[0].files.map((f: { path: string }) => f.path);
  for (const wanted of [
    'dist/src/index.js',
    'dist/src/index.d.ts',
    'templates/model.c.hbs',
    'runtime-c/host/main.c',
    'LICENSE',
  ])
    assert.ok(names.includes(wanted), `${wanted} is not in the tarball`);
  assert.deepEqual(
    names.filter((n) => /^(test|src|examples|node_modules)\//.test(n)),
    [],
  );

  execFileSync('mkdir', [user]);
  const tarball = packed[0].filename;
  copyFileSync(join(work, tarball), join(user, tarball));
  writeFileSync(join(user, 'package.json'), '{"name": "user", "private": true}');
  execFileSync('npm', ['install', tarball, '--prefer-offline', '--ignore-scripts', '--omit=dev', ...npmFlags], {
    cwd: user,
    stdio: 'inherit',
  });

  for (const dev of ['typescript', 'tsx', 'onnxruntime-node', 'koffi'])
    assert.equal(existsSync(join(user, 'node_modules', dev)), false, `${dev} is a dev dependency`);
  const megabytes = bytesBelow(join(user, 'node_modules')) / 2 ** 20;
  assert.ok(megabytes < 60, `the installation takes ${megabytes.toFixed(1)} MB`);

  execFileSync('npx', ['--no-install', 'qcc', 'build', fashion, '-o', 'out'], { cwd: user, stdio: 'pipe' });
  const answer = JSON.parse(
    execFileSync(
      join(user, 'out/fashion'),
      ['--json', '--input', join(root, 'examples/fashion-classifier/sample.npy')],
      { encoding: 'utf8' },
    ),
  );
  assert.equal(answer.outputs[0].top[0].index, 9, 'an ankle boot');
});

test('without onnxruntime-node, verify uses the interpreter alone and says so; bench against it is an error', () => {
  const run = (...args: string[]) =>
    spawnSync('npx', ['--no-install', 'qcc', ...args], { cwd: user, encoding: 'utf8' });
  const verified = run('verify', fashion, '--json');
  assert.equal(verified.status, 0, verified.stderr);
  const answer = JSON.parse(verified.stdout);
  assert.deepEqual([answer.agrees, answer.onnxruntime], [true, null]);
  assert.match(verified.stderr, /note\[Q0608\]: onnxruntime-node is not installed[\s\S]*npm install/);
  const benched = run('bench', fashion, '--against', 'onnxruntime');
  assert.equal(benched.status, 4);
  assert.match(benched.stderr, /error\[Q0608\]: onnxruntime-node is not installed/);
});

test('the package is imported by its name', () => {
  const out = join(work, 'own-compiler');
  const script = join(root, 'examples/own-compiler/compile.ts');
  const run = (...args: string[]) =>
    execFileSync(process.execPath, ['--import', 'tsx', script, ...args], { cwd: root, encoding: 'utf8' });
  const first = run(fashion, 'scalar', out);
  assert.match(first, /^fashion for scalar \(of .*x86-avx2.*\)\n15 steps, \d+ MAC, arena \d+ bytes\n/);
  assert.match(first, /input {2}input f32\[1,1,28,28\]\noutput logits f32\[1,10\]\n/);
  execFileSync('gcc', ['-std=c11', '-O1', '-Wall', '-Wextra', '-Werror', '-c', 'fashion.c', '-o', 'fashion.o'], {
    cwd: out,
  });
  assert.match(run(fashion, 'scalar', out), /: 0 files written, \d+ unchanged\n$/, 'the same bytes again');
  const failed = (...args: string[]) => {
    try {
      run(...args);
    } catch (failure) {
      if (failure instanceof Error && 'status' in failure && 'stderr' in failure)
        return `${failure.status} ${failure.stderr}`;
    }
    return 'it succeeded';
  };
  assert.match(failed(fashion, 'z80', out), /^2 error\[Q0401\]/);
  assert.match(failed(script, 'scalar', out), /^1 error\[Q01\d\d\]/);
});
