/** Samples: seeded ones that reach every stored value, and the forms of --data. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { readSamples, seededSamples } from '../../src/cli/samples.js';
import { QccError } from '../../src/diagnostics/diagnostic.js';
import type { Param } from '../../src/ir/graph.js';
import { parseGraph } from '../../src/ir/parse.js';
import { floatType, perTensor, quantType, type Shape } from '../../src/ir/type.js';
import { writeNpy } from '../../src/npy.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-samples-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const input = (name: string, shape: Shape): Param => ({ kind: 'param', name, type: floatType(shape) });
function write(file: string, shape: Shape): string {
  const path = join(dir, file);
  mkdirSync(join(path, '..'), { recursive: true });
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i);
  writeFileSync(path, writeNpy({ element: 'f32', shape, data }));
  return path;
}
const values = async (source: string, inputs: readonly Param[]) =>
  (await readSamples(source, inputs)).map((sample) => sample.map((t) => Array.from(t.data, Number)));
const codeOf = async (work: () => Promise<unknown>): Promise<string> => {
  try {
    await work();
  } catch (failure) {
    if (failure instanceof QccError) return failure.diagnostics[0].code;
    throw failure;
  }
  return 'none';
};

test('a file is one sample, a stack, or a batch of a model whose batch is 1', async () => {
  const x = [input('x', [1, 2])];
  assert.deepEqual(await values(write('one.npy', [1, 2]), x), [[[0, 1]]]);
  assert.deepEqual(await values(write('stack.npy', [2, 1, 2]), x), [[[0, 1]], [[2, 3]]]);
  assert.deepEqual(await values(write('batch.npy', [3, 2]), x), [[[0, 1]], [[2, 3]], [[4, 5]]]);
  const square = [input('x', [2, 2])];
  assert.equal(
    await codeOf(() => readSamples(write('rows.npy', [3, 2]), square)),
    'Q0806',
    'batch 2 cannot be cut from 3 rows',
  );
  assert.equal(await codeOf(() => readSamples(join(dir, 'none.npy'), x)), 'Q0604');
});

test('a folder has a file for each input, of equally many samples', async () => {
  const two = [input('a/b', [1, 2]), input('c', [1, 1])];
  write('two/a_b.npy', [2, 2]);
  write('two/c.npy', [2, 1]);
  assert.deepEqual(await values(join(dir, 'two'), two), [
    [[0, 1], [0]],
    [[2, 3], [1]],
  ]);
  write('uneven/a_b.npy', [2, 2]);
  write('uneven/c.npy', [3, 1]);
  assert.equal(await codeOf(() => readSamples(join(dir, 'uneven'), two)), 'Q0607');
  write('missing/c.npy', [3, 1]);
  assert.equal(await codeOf(() => readSamples(join(dir, 'missing'), two)), 'Q0607');
});

test('for one input the files of a folder follow in the order of their numbers', async () => {
  write('many/s10.npy', [1, 2]);
  write('many/s9.npy', [2, 2]);
  assert.deepEqual(await values(join(dir, 'many'), [input('x', [1, 2])]), [[[0, 1]], [[2, 3]], [[0, 1]]]);
});

test('seeded samples cover the range that the graph quantizes, and a tenth beyond', () => {
  const graph = parseGraph(`graph "g" (%in0 "x": f32[1,4096]) {
  %0 = quantize(%in0) : u8[1,4096] q(0.5, 10)
  return %0 as "y"
}
`);
  const [[x], [again]] = [seededSamples(graph, 1)[0], seededSamples(graph, 1)[0]];
  assert.deepEqual(x, again);
  const all = Array.from(x.data, Number);
  const [low, high] = [0.5 * (0 - 10), 0.5 * (255 - 10)];
  assert.ok(Math.min(...all) < low && Math.max(...all) > high, 'saturates at both ends');
  assert.ok(Math.min(...all) >= low - 12.75 && Math.max(...all) <= high + 12.75);
});

test('seeded integers take every value of their range', () => {
  const type = quantType('u8', [2048], perTensor(1, 0), [0, 127]);
  const graph = { name: 'g', inputs: [{ kind: 'param', name: 'x', type }], outputs: [] } as const;
  const seen = new Set(Array.from(seededSamples(graph, 1)[0][0].data, Number));
  assert.deepEqual([seen.size, Math.min(...seen), Math.max(...seen)], [128, 0, 127]);
});
