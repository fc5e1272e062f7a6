// needs: c-compiler cmake
/** `CMakeLists.txt`: a build folder as a project, and two of them inside a project of somebody else's. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { fashion, qcc, root, shared } from '../cli/command.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-cmake-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const sample = join(root, 'examples/fashion-classifier/sample.npy');

function emit(model: string, out: string, ...more: readonly string[]): void {
  const run = qcc(['build', model, '--emit', 'c', '-o', join(dir, out), ...more]);
  assert.equal(run.status, 0, run.stderr);
}
function cmake(source: string): void {
  const build = join(dir, source, 'build');
  execFileSync('cmake', ['-S', join(dir, source), '-B', build, '-DCMAKE_BUILD_TYPE=Release'], { stdio: 'pipe' });
  execFileSync('cmake', ['--build', build], { stdio: 'pipe' });
}

test('a build folder is a project that makes the program', () => {
  emit(fashion, 'alone');
  cmake('alone');
  const answer = execFileSync(join(dir, 'alone/build/fashion'), ['--json', '--input', sample], { encoding: 'utf8' });
  assert.equal(JSON.parse(answer).outputs[0].top[0].index, 9);
});

test('two folders in one project', () => {
  emit(fashion, 'both/quantized');
  emit(join(root, 'examples/call-from-c/fashion_float.onnx'), 'both/float');
  copyFileSync(join(root, 'examples/call-from-c/main.c'), join(dir, 'both/main.c'));
  writeFileSync(
    join(dir, 'both/CMakeLists.txt'),
    `cmake_minimum_required(VERSION 3.13)
project(both LANGUAGES C)
add_subdirectory(quantized)
add_subdirectory(float)
add_executable(classify main.c)
target_link_libraries(classify PRIVATE fashion fashion_float)
`,
  );
  cmake('both');
  assert.equal(
    execFileSync(join(dir, 'both/build/classify'), [sample], { encoding: 'utf8' }),
    readFileSync(join(root, 'examples/call-from-c/expected.txt'), 'utf8'),
  );
});

test('weights that the assembler includes, and a model with a name that CMake keeps for itself', () => {
  emit(join(shared, 'models/peers/resnet18.qdq_u8.onnx'), 'large', '--name', 'test', '--target', 'x86-avx2');
  assert.match(readFileSync(join(dir, 'large/test_weights.c'), 'utf8'), /incbin/);
  cmake('large');
  const answer = execFileSync(join(dir, 'large/build/test'), ['--json'], { encoding: 'utf8' });
  assert.equal(JSON.parse(answer).outputs[0].top.length, 5);
});
