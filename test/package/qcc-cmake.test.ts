// needs: c-compiler cmake
/** `cmake/qcc.cmake`: a model as a target, compiled again when it changes and not otherwise. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { root } from '../cli/command.js';
import { run } from '../generated-c/emitted.js';
import { convModel, denseModel } from '../onnx/tiny-models.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc cmake-'));
after(() => rmSync(dir, { recursive: true, force: true }));

function cmake(...args: readonly string[]): string {
  const { code, said } = run(['cmake', ...args], dir);
  assert.equal(code, 0, said);
  return said;
}

test('qcc_add_model: builds, runs, and does only what a change asks for', () => {
  const model = join(dir, 'model.onnx');
  writeFileSync(model, denseModel());
  writeFileSync(
    join(dir, 'CMakeLists.txt'),
    `cmake_minimum_required(VERSION 3.20)
project(app C)
set(QCC_COMMAND "${process.execPath}" --import "${join(root, 'node_modules/tsx/dist/loader.mjs')}" "${join(root, 'src/cli/main.ts')}")
include("${join(root, 'cmake/qcc.cmake')}")
qcc_add_model(clothes model.onnx SELFTEST OPTIONS --optimize size)
add_executable(app main.c)
target_link_libraries(app PRIVATE clothes)
`,
  );
  writeFileSync(
    join(dir, 'main.c'),
    `#include "clothes.h"
static _Alignas(CLOTHES_ARENA_ALIGN) unsigned char arena[CLOTHES_ARENA_BYTES];
static float scores[4096];
int main(void) { return clothes_selftest(&(struct clothes_outputs){scores}, &(struct clothes_memory){arena}); }
`,
  );
  cmake('-S', '.', '-B', 'build');
  const first = cmake('--build', 'build');
  assert.match(first, /Compiling the model clothes/);
  assert.equal(run([join(dir, 'build/app')], dir).code, 0);
  assert.match(readFileSync(join(dir, 'build/clothes.qcc.d'), 'utf8'), /manifest\.json: .*model\.onnx\n$/);
  // Of the best target of this machine, and of its options: neither is known before the model is compiled.
  const flags = readFileSync(join(dir, 'build/clothes.qcc.flags'), 'utf8').split('\n');
  assert.ok(flags.includes('-O2'), flags.join(' '));
  const idle = cmake('--build', 'build');
  assert.doesNotMatch(idle, /Compiling the model|Building C/);
  // The same model with a new time: qcc looks, the C is as it was.
  const now = new Date(Date.now() + 2000);
  utimesSync(model, now, now);
  const touched = cmake('--build', 'build');
  assert.match(touched, /Compiling the model clothes/);
  assert.doesNotMatch(touched, /Building C object CMakeFiles\/clothes/);
  writeFileSync(model, convModel());
  const later = new Date(Date.now() + 4000);
  utimesSync(model, later, later);
  assert.match(cmake('--build', 'build'), /Compiling the model clothes[\s\S]*Building C object CMakeFiles\/clothes/);
  // The next build starts anew: a folder without its manifest would be nobody's.
  cmake('--build', 'build', '--target', 'clean');
  assert.equal(existsSync(join(dir, 'build/clothes.qcc')), false);
});
