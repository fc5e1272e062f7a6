// needs: c-compiler cppcheck
/** What firmware reviewers run: the MISRA rules listed in runtime-c/README.md as kept, and gcc's static analyser. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { root } from '../cli/command.js';
import { type Emitted, emit, quiet, run } from './emitted.js';

const readme = readFileSync(join(root, 'runtime-c/README.md'), 'utf8');
const listed = /<!-- misra -->([\s\S]*?)<!-- \/misra -->/.exec(readme)?.[1] ?? '';
const kept = [...listed.matchAll(/\b\d{1,2}\.\d{1,2}\b/g)].map(([rule]) => rule);

/** Rules that the addon finds broken in a file, each once. */
function broken(model: Emitted, file: string): string[] {
  const words = ['--addon=misra', '--std=c11', '--quiet', '--suppress=missingInclude', '-I.', file];
  const { said } = run(['cppcheck', ...words], model.dir);
  assert.doesNotMatch(said, /^Traceback|Failed to execute addon/m);
  return [...new Set([...said.matchAll(/misra-c2012-([\d.]+)\]/g)].map(([, rule]) => rule))];
}

test('the MISRA C:2012 rules that are documented as kept are kept', () => {
  assert.ok(kept.length > 50, 'runtime-c/README.md lists them between its marks');
  for (const file of ['dense.onnx']) {
    const model = emit(file, 'scalar');
    // A file that breaks a rule that is listed: the addon must see it.
    const bad =
      'void *malloc(unsigned long bytes);\nvoid *dense_bad(void);\nvoid *dense_bad(void) { return malloc(4u); }\n';
    writeFileSync(join(model.dir, 'bad.c'), bad);
    assert.ok(broken(model, 'bad.c').includes('21.3'));
    const found = broken(model, `${model.name}.c`);
    assert.ok(found.length > 0, 'the addon finds what is not claimed: it works');
    assert.deepEqual(
      found.filter((rule) => kept.includes(rule)),
      [],
      file,
    );
  }
});

test('no function calls itself, on no way round', () => {
  for (const file of ['conv.onnx', 'float.onnx']) {
    const model = emit(file, 'scalar');
    quiet(['gcc', '-std=c11', '-O1', '-fcallgraph-info', '-c', `${model.name}.c`, '-o', 'x.o'], model.dir);
    const graph = readFileSync(join(model.dir, 'x.ci'), 'utf8');
    const calls = [...graph.matchAll(/edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"/g)].map(([, from, to]) => ({
      from,
      to,
    }));
    assert.ok(calls.length > 0, graph);
    let left = calls;
    for (let before = -1; before !== left.length; ) {
      before = left.length;
      // What calls nothing more is no part of a circle.
      left = left.filter(({ to }) => left.some((c) => c.from === to));
    }
    assert.deepEqual(left, []);
  }
});

test("gcc's static analyser has nothing to say", () => {
  for (const file of ['conv.onnx', 'dense.onnx', 'float.onnx']) {
    const model = emit(file, 'scalar', { selftest: true });
    for (const source of model.library)
      quiet(
        ['gcc', '-std=c11', '-O1', '-fanalyzer', '-Wall', '-Wextra', '-Werror', '-c', source, '-o', 'x.o'],
        model.dir,
      );
  }
});
