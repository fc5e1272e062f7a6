// needs: c-compiler
/** `qcc reduce`: a refusal, a program that differs, and a check of the user's own become a node or two that show the same. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { reduce } from '../../src/cli/reduce.js';
import { QccError } from '../../src/diagnostics/diagnostic.js';
import { parseGraph } from '../../src/ir/parse.js';
import { topologicalOrder } from '../../src/ir/walk.js';
import { fashion, qcc } from './command.js';

const folder = mkdtempSync(join(tmpdir(), 'qcc-reduce-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const output = join(folder, 'small.qir');

const model = join(folder, 'm.qir');
writeFileSync(
  model,
  `graph "g" (%in0 "x": f32[1,4,4,2]) {
  %0 = quantize(%in0) : s8[1,4,4,2] q(0.1, 3)
  %1 = transpose(%0) {perm [0, 2, 1, 3]} : s8[1,4,4,2] q(0.1, 3)
  const @c0 : s8[3,1,1,2] q(0.25, 0) = [1, 2, 3, 4, 5, 6]   // "w"
  const @c1 : s32[3] = [1, 2, 3]   // "b"
  %2 = conv2d(%1, @c0, @c1) {strides [1, 1], dilations [1, 1], pads [0, 0, 0, 0], groups 1, rounding onnx} : s8[1,4,4,3] q(0.3, 1)
  %3 = dequantize(%2) : f32[1,4,4,3]
  %4 = softmax(%3) {axis 3, fn softmax} : f32[1,4,4,3]
  return %4 as "y"
}
`,
);

const options = { target: 'scalar', dim: [], rounding: undefined, name: undefined, cc: undefined, json: true, output };
const kinds = () => topologicalOrder(parseGraph(readFileSync(output, 'utf8'))).map((n) => n.kind);

test('a check of the user', () => {
  const { status, stdout } = qcc(['reduce', fashion, '--check', "grep -q 'average-pool(' {}", '-o', output, '--json']);
  assert.equal(status, 0);
  assert.deepEqual(kinds(), ['average-pool']);
  const said: { readonly nodes: number; readonly file: string } = JSON.parse(stdout);
  assert.deepEqual([said.nodes, said.file], [1, output]);
});

test('a refusal keeps its code', async () => {
  const refused = join(folder, 'refused.qir');
  writeFileSync(refused, readFileSync(model, 'utf8').replace('[1, 2, 3]', '[1, 2147483647, 3]'));
  assert.equal(await reduce({ ...options, model: refused, check: undefined }), 0);
  assert.deepEqual(kinds(), ['conv2d']);
});

test('a program that a broken compiler made', async () => {
  const broken = join(folder, 'truncates.h');
  writeFileSync(
    broken,
    '#include "qcc/requantize.h"\n#define qcc_clamp_stored(v, z, lo, hi) (lo)\n#define qcc_requantize(a, m, z, lo, hi) (lo)\n#define qcc_requantize_proved(a, m, z, lo, hi) (lo)\n',
  );
  assert.equal(await reduce({ ...options, model, check: undefined, cc: `gcc -include ${broken}` }), 0);
  assert.deepEqual(kinds(), ['conv2d']);
});

test('a model without faults', async () => {
  await assert.rejects(
    reduce({ ...options, model, check: undefined }),
    (failure) => failure instanceof QccError && failure.diagnostics[0].code === 'Q0624' && failure.exitCode === 1,
  );
});
