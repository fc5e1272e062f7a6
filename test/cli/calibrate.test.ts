// needs: c-compiler
/** qcc calibrate: shards and merge, interruption, selection, and what it says about data and model. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { type CalibrateOptions, calibrate } from '../../src/cli/calibrate.js';
import { terminal } from '../../src/cli/session.js';
import { parseStatistics } from '../../src/data/qstats.js';
import { QccError } from '../../src/diagnostics/diagnostic.js';
import { writeNpy } from '../../src/npy.js';
import { rangesOf } from '../../src/quant/statistics.js';
import { model, node, tensor, value } from '../onnx/model-builder.js';
import { convModel, wholeNumbers } from '../onnx/tiny-models.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-calibrate-test-'));
after(() => rmSync(dir, { recursive: true, force: true }));

function write(path: string, content: string | Uint8Array): string {
  const place = join(dir, path);
  mkdirSync(join(place, '..'), { recursive: true });
  writeFileSync(place, content);
  return place;
}

const floats = (count: number, seed: number, scale = 1 / 32) =>
  wholeNumbers(count, seed, -64, 64).map((n) => n * scale);
const sample = (seed: number, scale?: number) =>
  writeNpy({ element: 'f32', shape: [3, 4, 4], data: Float32Array.from(floats(48, seed, scale)) });

const net = write(
  'net.onnx',
  model({
    inputs: [value('x', 'f32', [1, 3, 4, 4])],
    outputs: ['y'],
    initializers: {
      w: tensor('f32', [4, 3, 1, 1], floats(12, 9)),
      gamma: tensor('f32', [4], [1, 1, 1, 1]),
      beta: tensor('f32', [4], [0, 0, 0, -100]),
      mean: tensor('f32', [4], [0, 0, 0, 0]),
      variance: tensor('f32', [4], [1, 1, 1, 1]),
    },
    nodes: [
      node('Conv', ['x', 'w'], ['c']),
      node('BatchNormalization', ['c', 'gamma', 'beta', 'mean', 'variance'], ['n']),
      node('Relu', ['n'], ['y']),
    ],
  }),
);

/** Runs the command; what it printed and said. */
async function run(options: Partial<CalibrateOptions>): Promise<{ out: string; said: string; failure: string }> {
  const got = { out: '', said: '', failure: '' };
  const { out, say } = terminal;
  Object.assign(terminal, {
    out: (text: string) => {
      got.out += text;
    },
    say: (text: string) => {
      got.said += text;
    },
  });
  try {
    await calibrate({
      ...{ model: net, sources: [], output: join(dir, 'out.qstats'), dim: [], cc: undefined },
      ...{ preprocess: undefined, samples: undefined, seed: 0 },
      ...{ shard: undefined, json: false },
      ...options,
    });
  } catch (failure) {
    if (!(failure instanceof QccError)) throw failure;
    got.failure = failure.diagnostics.map((d) => `${d.code} ${d.message}`).join('\n');
  } finally {
    Object.assign(terminal, { out, say });
  }
  return got;
}

const bytes = (path: string) => readFileSync(path, 'utf8');

test('merging 8 shards is one run, byte for byte; the same shard twice is told', async () => {
  for (let i = 0; i < 40; i++) write(`samples/${i}.npy`, sample(i));
  const sources = [join(dir, 'samples')];
  await run({ sources, output: join(dir, 'whole.qstats') });
  const parts = Array.from({ length: 8 }, (_, i) => join(dir, `part-${i}.qstats`));
  for (const [i, output] of parts.entries()) {
    const { said } = await run({ sources, output, shard: `${i + 1}/8` });
    assert.doesNotMatch(said, /Q0809/, 'a shard alone says nothing about the whole');
  }
  const merged = join(dir, 'merged.qstats');
  const { out } = await run({ model: 'merge', sources: [...parts].reverse(), output: merged, json: true });
  assert.equal(bytes(merged), bytes(join(dir, 'whole.qstats')));
  const answer: unknown = JSON.parse(out);
  assert.ok(typeof answer === 'object' && answer !== null && 'samples' in answer && answer.samples === 40);
  const twice = await run({ model: 'merge', sources: [parts[0], merged], output: join(dir, 'twice.qstats') });
  assert.match(twice.said, /warning\[Q0803\]: 5 samples are in both/);
  const stats = rangesOf(parseStatistics(bytes(merged), merged));
  assert.deepEqual([...stats.keys()].sort(), ['n', 'x', 'y']);
  assert.equal(stats.get('x')?.count, 40 * 48);
});

test('statistics of another model or preprocessing are not merged', async () => {
  const other = await run({
    sources: [join(dir, 'samples')],
    preprocess: 'scale=2',
    output: join(dir, 'scaled.qstats'),
  });
  assert.equal(other.failure, '');
  const { failure } = await run({ model: 'merge', sources: [join(dir, 'whole.qstats'), join(dir, 'scaled.qstats')] });
  assert.match(failure, /^Q0802 .*--preprocess none and scale=2/);
});

test('an interrupted calibration goes on where it was, and ends in the same bytes', async () => {
  for (let i = 0; i < 12; i++) write(`broken/${i}.npy`, sample(i));
  const bad = Float32Array.from(floats(48, 7));
  bad[5] = Number.NaN;
  write('broken/11.npy', writeNpy({ element: 'f32', shape: [3, 4, 4], data: bad }));
  const output = join(dir, 'resumed.qstats');
  const sources = [join(dir, 'broken')];
  const stopped = await run({ sources, output });
  assert.match(stopped.failure, /^Q0808 .*broken\/11\.npy: input "x" holds NaN$/);
  assert.ok(!existsSync(output) && existsSync(`${output}.part`));
  write('broken/11.npy', sample(11));
  const { out } = await run({ sources, output, json: true });
  const answer: unknown = JSON.parse(out);
  assert.ok(typeof answer === 'object' && answer !== null && 'resumed_samples' in answer);
  assert.ok(Number(answer.resumed_samples) > 0 && !existsSync(`${output}.part`));
  await run({ sources, output: join(dir, 'clean.qstats') });
  assert.equal(bytes(output), bytes(join(dir, 'clean.qstats')));
  // What the interrupted run saw is not in the source any more: it must not count.
  write('broken/11.npy', writeNpy({ element: 'f32', shape: [3, 4, 4], data: bad }));
  await run({ sources, output });
  for (let i = 0; i < 12; i++) write(`broken/${i}.npy`, sample(100 + i));
  await run({ sources, output });
  await run({ sources, output: join(dir, 'clean.qstats') });
  assert.equal(bytes(output), bytes(join(dir, 'clean.qstats')));
});

test('data unlike that of the training, dead activations, constant tensors and too few samples are told', async () => {
  const one = write('one/0.npy', sample(1));
  const few = await run({ sources: [one] });
  assert.match(few.said, /warning\[Q0809\]: too few samples: with 1 sample nothing says/);
  assert.match(few.said, /warning\[Q0813\]: channels are zero in all samples: 1 of 4 of "y"/);
  for (let i = 1; i < 3; i++) write(`one/${i}.npy`, sample(1));
  const same = await run({ sources: [join(dir, 'one')] });
  assert.match(same.said, /Q0809\]: too few samples: with 3 samples, all the same, nothing says/);
  for (let i = 0; i < 6; i++) write(`bright/${i}.npy`, sample(i, 4));
  const bright = await run({ sources: [join(dir, 'bright')] });
  assert.match(bright.said, /warning\[Q0810\]: .*values of "n" reach over/);
  for (let i = 0; i < 6; i++) write(`dark/${i}.npy`, sample(i, 1 / 65536));
  const dark = await run({ sources: [join(dir, 'dark')] });
  assert.match(dark.said, /warning\[Q0810\]: .*values of "n" stay within/);
  write('none/0.npy', writeNpy({ element: 'f32', shape: [3, 4, 4], data: new Float32Array(48) }));
  const none = await run({ sources: [join(dir, 'none')] });
  assert.match(none.said, /warning\[Q0811\]: a tensor is constant: "x" is always 0/);
  assert.match(none.said, /warning\[Q0812\]: an activation is dead, zero in all samples: "y"/);
});

test('a quantized model, no output, and two sources are refused', async () => {
  const quantized = write('int8.onnx', convModel());
  assert.match((await run({ model: quantized, sources: [join(dir, 'samples')] })).failure, /^Q0817 /);
  assert.match((await run({ sources: [dir], output: undefined })).failure, /^Q0605 .*-o FILE/);
  assert.match((await run({ sources: ['a', 'b'] })).failure, /^Q0605 .*one source/);
  assert.match((await run({ model: 'merge' })).failure, /^Q0605 .*needs files/);
});
