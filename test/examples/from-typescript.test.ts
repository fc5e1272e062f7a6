// needs: c-compiler
/** `--bindings ts`: the wrapper type-checks in the example, refuses wrong arrays at compile time and at run time, and runs. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { fashion, qcc, root } from '../cli/command.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-bindings-'));
before(() => {
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
  copyFileSync(join(root, 'examples/from-typescript/classify.ts'), join(dir, 'classify.ts'));
  writeFileSync(join(dir, 'package.json'), '{"type": "module"}');
  const built = qcc(['build', fashion, '-o', join(dir, 'fashion'), '--emit', 'shared', '--bindings', 'ts']);
  assert.equal(built.status, 0, built.stderr);
});
after(() => rmSync(dir, { recursive: true, force: true }));

function node(...args: readonly string[]) {
  return spawnSync(process.execPath, args, { cwd: dir, encoding: 'utf8' });
}
const strict = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];

test('the example is type-checked, and a wrong use is an error', () => {
  const wrong = `import { FashionModel, model } from './fashion/bindings/fashion.js';
const network = new FashionModel();
network.run({ input: new Int8Array(784) });
network.run({});
network.run({ input: new Float32Array(784) }).scores;
const two: 2 = model.inputs.input.shape[3];
export { two };
`;
  writeFileSync(join(dir, 'wrong.ts'), wrong);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const checked = node(tsc, ...strict, 'classify.ts', 'wrong.ts').stdout;
  const lines = [...checked.matchAll(/^(\w+\.ts)\((\d+),/gm)].map(([, file, line]) => `${file}:${line}`);
  assert.deepEqual(lines, ['wrong.ts:3', 'wrong.ts:4', 'wrong.ts:5', 'wrong.ts:6'], checked);
});

test('the example runs', () => {
  const run = node('--import', 'tsx', 'classify.ts', join(root, 'examples/fashion-classifier/sample.npy'));
  assert.match(
    run.stdout,
    /^1x1x28x28 picture, target [\w-]+: Ankle boot \(score 8\.884\)\n[\d.]+ us per call\n$/,
    run.stderr,
  );
});

test('wrong arrays are refused at run time too', () => {
  writeFileSync(
    join(dir, 'refusals.mjs'),
    `import { FashionModel, model } from './fashion/bindings/fashion.js';
const network = new FashionModel();
for (const inputs of [{}, { input: [1] }, { input: new Float64Array(784) }, { input: new Float32Array(783) }])
  try { network.run(inputs); console.log('ran'); } catch (e) { console.log(e.name + ': ' + e.message); }
try { network.run({ input: new Float32Array(784) }, { logits: new Float32Array(9) }); } catch (e) { console.log(e.name); }
const [a, b] = [FashionModel.inputs(), FashionModel.inputs()];
for (const x of [a, b]) x.input.forEach((_, i) => { x.input[i] = (i % 17) / 17; });
console.log(String(network.run(a).logits) === String(new FashionModel().run(b).logits), model.inputs.input.name);
`,
  );
  assert.equal(
    node('refusals.mjs').stdout,
    `TypeError: input "input" is no Float32Array
TypeError: input "input" is no Float32Array
TypeError: input "input" is no Float32Array
RangeError: input "input" has not 784 elements
RangeError
true input
`,
  );
});

test('bindings need the library they load', () => {
  const run = qcc(['build', fashion, '-o', join(dir, 'none'), '--bindings', 'ts']);
  assert.deepEqual([run.status, run.stderr.includes('--emit shared')], [2, true]);
});
