/** Every kind of source, written here byte by byte or by another library, and read back. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import { npyStream } from '../../src/data/arrays.js';
import { openSource } from '../../src/data/open.js';
import { digestOf, parseShard, selected, selectedIndices } from '../../src/data/select.js';
import type { RawSample } from '../../src/data/source.js';
import { QccError } from '../../src/diagnostics/diagnostic.js';
import type { Param } from '../../src/ir/graph.js';
import { floatType, type Shape } from '../../src/ir/type.js';
import { writeNpy } from '../../src/npy.js';
import { shared } from '../cli/command.js';

const dir = mkdtempSync(join(tmpdir(), 'qcc-data-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const input = (name: string, shape: Shape): Param => ({ kind: 'param', name, type: floatType(shape) });
const all = { samples: undefined, seed: 0, shard: undefined };

function write(path: string, content: string | Uint8Array): string {
  const place = join(dir, path);
  mkdirSync(join(place, '..'), { recursive: true });
  writeFileSync(place, content);
  return place;
}

function npy(shape: Shape, from = 0): Uint8Array {
  const count = shape.reduce((p, d) => p * d, 1);
  return writeNpy({ element: 'f32', shape, data: Float32Array.from({ length: count }, (_, i) => from + i) });
}

async function samplesOf(path: string, inputs: readonly Param[]): Promise<readonly RawSample[]> {
  return [...selected(await openSource(path, inputs), all)];
}
/** Numbers of the first array of every sample. */
async function numbersOf(path: string, inputs: readonly Param[]): Promise<readonly number[][]> {
  return (await samplesOf(path, inputs)).map((s) => Array.from(s.arrays[0].array.data, Number));
}
async function faultOf(path: string, inputs: readonly Param[]): Promise<string> {
  try {
    await samplesOf(path, inputs);
  } catch (failure) {
    if (failure instanceof QccError) return `${failure.diagnostics[0].code} ${failure.message}`;
    throw failure;
  }
  return assert.fail('it was read');
}

test('.npy: one sample, or samples along the first axis; of a file only the sample asked for is read', async () => {
  const x = [input('x', [1, 2])];
  assert.deepEqual(await numbersOf(write('one.npy', npy([1, 2])), x), [[0, 1]]);
  assert.deepEqual(await numbersOf(write('bare.npy', npy([2])), x), [[0, 1]]);
  const stack = write('stack.npy', npy([3, 1, 2]));
  assert.deepEqual(await numbersOf(stack, x), [
    [0, 1],
    [2, 3],
    [4, 5],
  ]);
  assert.deepEqual(
    (await samplesOf(stack, x)).map((s) => s.name),
    [0, 1, 2].map((i) => `${stack}[${i}]`),
  );
  const cut = write('cut.npy', npy([3, 2]).subarray(0, -1));
  assert.match(await faultOf(cut, x), /^Q0601 .*bytes of data/);
  const fortran = Buffer.from(npy([3, 2]));
  fortran.write("'fortran_order': True, ", fortran.indexOf("'fortran_order'"));
  assert.deepEqual(await numbersOf(write('fortran.npy', fortran), x), [
    [0, 3],
    [1, 4],
    [2, 5],
  ]);
});

test('a folder of .npy: samples in the order of their numbers, or a file for each input', async () => {
  const x = [input('x', [2])];
  for (const i of [10, 2, 1]) write(`many/s${i}.npy`, npy([2], i));
  assert.deepEqual(await numbersOf(join(dir, 'many'), x), [
    [1, 2],
    [2, 3],
    [10, 11],
  ]);
  const two = [input('a/b', [1, 2]), input('c', [1])];
  write('two/a_b.npy', npy([2, 2]));
  assert.match(await faultOf(join(dir, 'two'), two), /^Q0607 .*c\.npy missing/);
  write('two/c.npy', npy([2, 1]));
  const samples = await samplesOf(join(dir, 'two'), two);
  assert.deepEqual(
    samples.map((s) => s.arrays.map((a) => Array.from(a.array.data, Number))),
    [
      [[0, 1], [0]],
      [[2, 3], [1]],
    ],
  );
  write('two/c.npy', npy([3, 1]));
  assert.match(await faultOf(join(dir, 'two'), two), /2 samples of "a\/b", but 3 of "c"/);
});

test('.npz: arrays by the names of the inputs, labels beside them', async () => {
  const labels = writeNpy({ element: 's64', shape: [2], data: BigInt64Array.from([7n, 8n]) });
  const path = write('d.npz', zipSync({ 'x.npy': npy([2, 3]), 'labels.npy': labels }));
  const samples = await samplesOf(path, [input('x', [1, 3])]);
  assert.deepEqual(
    samples.map((s) => s.label),
    [7, 8],
  );
  assert.deepEqual(await numbersOf(path, [input('x', [1, 3])]), [
    [0, 1, 2],
    [3, 4, 5],
  ]);
  assert.deepEqual(await numbersOf(path, [input('other', [1, 3])]), [
    [0, 1, 2],
    [3, 4, 5],
  ]);
  assert.match(await faultOf(path, [input('a', [3]), input('b', [3])]), /no array "a"/);
  assert.match(await faultOf(write('no.npz', 'PK nothing'), [input('x', [3])]), /^Q0804 .*cannot be unpacked/);
});

test('images: PNG exact, JPEG near, grey ones with one channel, subfolders are classes', async () => {
  const pixels = [
    [10, 20, 30],
    [40, 50, 60],
    [70, 80, 90],
    [100, 110, 120],
    [130, 140, 150],
    [160, 170, 180],
  ];
  const data = Buffer.from(pixels.flatMap(([r, g, b]) => [r, g, b, 255]));
  const png = PNG.sync.write(Object.assign(new PNG({ width: 3, height: 2 }), { data }));
  write('img/cat/1.png', png);
  write('img/dog/a.JPG', jpeg.encode({ width: 3, height: 2, data }, 100).data);
  const grey = Buffer.from([5, 5, 5, 255, 9, 9, 9, 255]);
  write('img/dog/b.png', PNG.sync.write(Object.assign(new PNG({ width: 2, height: 1 }), { data: grey })));
  const samples = await samplesOf(join(dir, 'img'), [input('x', [1, 3, 2, 3])]);
  assert.deepEqual(
    samples.map((s) => s.label),
    [0, 1, 1],
  );
  assert.deepEqual(samples[0].arrays[0].array, {
    element: 'u8',
    shape: [2, 3, 3],
    data: Uint8Array.from(pixels.flat()),
  });
  assert.deepEqual(samples[2].arrays[0].array, { element: 'u8', shape: [1, 2, 1], data: Uint8Array.from([5, 9]) });
  const near = Array.from(samples[1].arrays[0].array.data, Number);
  assert.ok(near.every((x, i) => Math.abs(x - pixels.flat()[i]) < 40));
  write('digits/7/x.png', png);
  write('digits/3/x.png', png);
  const digits = await samplesOf(join(dir, 'digits'), [input('x', [1, 3, 2, 3])]);
  assert.deepEqual(
    digits.map((s) => s.label),
    [3, 7],
  );
  const photo = jpeg.encode({ width: 3, height: 2, data }, 100).data;
  for (const [name, bytes, what] of [
    ['cut.png', png.subarray(0, 60), /ends early/],
    ['cut.jpg', photo.subarray(0, 400), /ends early/],
    ['page.jpg', Buffer.from('<html>'), /neither PNG nor JPEG/],
    ['e.png', Buffer.alloc(0), /empty/],
  ] as const) {
    const fault = await faultOf(write(`bad/${name}/${name}`, bytes), [input('x', [3])]);
    assert.match(fault, /^Q0805 .*bad/);
    assert.match(fault, what);
  }
});

test('IDX, packed or not, with the labels beside it; CIFAR binaries', async () => {
  const idx = (code: number, shape: readonly number[], data: readonly number[]) => {
    const head = Buffer.alloc(4 + 4 * shape.length);
    head.set([0, 0, code, shape.length]);
    for (const [i, d] of shape.entries()) head.writeUInt32BE(d, 4 + 4 * i);
    return Buffer.concat([head, Buffer.from(data)]);
  };
  const images = write('mnist/t10k-images-idx3-ubyte.gz', gzipSync(idx(8, [2, 1, 3], [1, 2, 3, 4, 5, 6])));
  write('mnist/t10k-labels-idx1-ubyte', idx(8, [2], [9, 4]));
  for (const path of [images, join(dir, 'mnist')]) {
    const samples = await samplesOf(path, [input('x', [1, 1, 1, 3])]);
    assert.deepEqual(
      samples.map((s) => s.label),
      [9, 4],
    );
    assert.deepEqual(
      samples.map((s) => s.arrays[0].array.shape),
      [
        [1, 3, 1],
        [1, 3, 1],
      ],
    );
    assert.deepEqual([...samples[1].arrays[0].array.data], [4, 5, 6]);
  }
  assert.match(
    await faultOf(write('cut-idx3', idx(8, [2, 1, 3], [1, 2])), [input('x', [3])]),
    /^Q0804 .*2 bytes of data/,
  );
  const floats = Buffer.concat([idx(13, [1, 2], []), Buffer.from([63, 128, 0, 0, 192, 0, 0, 0])]);
  assert.deepEqual(await numbersOf(write('floats.idx', floats), [input('x', [1, 2])]), [[1, -2]]);
  const record = Buffer.concat([Buffer.from([6]), Buffer.alloc(1024, 1), Buffer.alloc(1024, 2), Buffer.alloc(1024, 3)]);
  const path = write('cifar/data_batch_1.bin', Buffer.concat([record, record]));
  for (const source of [path, join(dir, 'cifar')]) {
    const samples = await samplesOf(source, [input('x', [1, 3, 32, 32])]);
    assert.deepEqual(
      samples.map((s) => s.label),
      [6, 6],
    );
    assert.deepEqual([...samples[1].arrays[0].array.data.slice(0, 6)], [1, 2, 3, 1, 2, 3]);
  }
});

test('WAV in windows of the input; CSV with a heading and a class', async () => {
  const wav = (bits: number, channels: number, data: Buffer) => {
    const head = Buffer.alloc(44);
    head.write('RIFF', 0);
    head.writeUInt32LE(36 + data.length, 4);
    head.write('WAVEfmt ', 8);
    head.writeUInt32LE(16, 16);
    head.writeUInt16LE(1, 20);
    head.writeUInt16LE(channels, 22);
    head.writeUInt16LE(bits, 34);
    head.write('data', 36);
    head.writeUInt32LE(data.length, 40);
    return Buffer.concat([head, data]);
  };
  const shorts = Buffer.from(Int16Array.from([16384, -32768, 0, 8192, 1]).buffer);
  const path = write('s.wav', wav(16, 1, shorts));
  assert.deepEqual(await numbersOf(path, [input('x', [1, 2])]), [
    [0.5, -1],
    [0, 0.25],
  ]);
  assert.deepEqual(await numbersOf(write('st.wav', wav(16, 2, shorts.subarray(0, 8))), [input('x', [2])]), [
    [-0.25, 0.125],
  ]);
  assert.deepEqual(await numbersOf(write('b.wav', wav(8, 1, Buffer.from([0, 128, 192]))), [input('x', [3])]), [
    [-1, 0, 0.5],
  ]);
  assert.match(await faultOf(path, [input('x', [9])]), /^Q0804 .*5 samples, the model takes 9/);
  assert.match(await faultOf(write('cut.wav', wav(16, 1, shorts).subarray(0, 48)), [input('x', [1])]), /cut off/);
  const csv = write('t.csv', 'a;label;b\n1;3;-2.5e1\n\n4;0;.5\n');
  const samples = await samplesOf(csv, [input('x', [1, 2])]);
  assert.deepEqual(
    samples.map((s) => [s.name, s.label]),
    [
      [`${csv}:2`, 3],
      [`${csv}:4`, 0],
    ],
  );
  assert.deepEqual(await numbersOf(csv, [input('x', [1, 2])]), [
    [1, -25],
    [4, 0.5],
  ]);
  assert.match(await faultOf(csv, [input('x', [1, 3])]), /t\.csv:2: 2 values, the model takes 3/);
  assert.match(await faultOf(write('w.csv', '1,x2\n'), [input('x', [2])]), /^Q0804/);
});

test("ONNX's test data", async () => {
  const samples = await samplesOf(`${shared}onnx-node/node/test_add`, [input('x', [3, 4, 5]), input('y', [3, 4, 5])]);
  assert.equal(samples.length, 1);
  assert.deepEqual(
    samples[0].arrays.map((a) => a.array.shape),
    [
      [3, 4, 5],
      [3, 4, 5],
    ],
  );
  assert.deepEqual(
    samples[0].arrays.map((a) => a.array.element),
    ['f32', 'f32'],
  );
  assert.match(
    await faultOf(write('set/input_0.pb', 'nonsense').replace('/input_0.pb', ''), [input('x', [3])]),
    /^Q0804/,
  );
});

test('a stream of .npy records, each a sample or samples', () => {
  const records = [npy([2], 5), npy([3, 2])];
  const fd = openSync(write('records', Buffer.concat(records)), 'r');
  const source = npyStream([input('x', [1, 2])], fd);
  const samples = [...selected(source, all)].map((s) => [s.name, ...Array.from(s.arrays[0].array.data, Number)]);
  assert.deepEqual(samples, [
    ['stdin[0]', 5, 6],
    ['stdin[1][0]', 0, 1],
    ['stdin[1][1]', 2, 3],
    ['stdin[1][2]', 4, 5],
  ]);
  const pairs = npyStream(
    [input('x', [2]), input('y', [1])],
    openSync(write('pairs', Buffer.concat([npy([2]), npy([1]), npy([2])])), 'r'),
  );
  assert.equal(pairs.next()?.arrays.length, 2);
  assert.throws(() => pairs.next(), /ends before the record of "y"/);
});

test('an empty folder and a file of another kind say what samples are', async () => {
  mkdirSync(join(dir, 'empty'));
  assert.match(await faultOf(join(dir, 'empty'), [input('x', [1])]), /^Q0804 .*the folder is empty/);
  assert.match(
    await faultOf(write('notes.txt', 'hello'), [input('x', [1])]),
    /^Q0804 .*nothing qcc takes samples from/,
  );
  assert.match(await faultOf(join(dir, 'absent'), [input('x', [1])]), /^Q0604/);
});

test('a selection depends on count and seed; shards are disjoint and together all of it', () => {
  const chosen = selectedIndices(1000, { samples: 100, seed: 1, shard: undefined });
  assert.deepEqual(chosen, selectedIndices(1000, { samples: 100, seed: 1, shard: undefined }));
  assert.notDeepEqual(chosen, selectedIndices(1000, { samples: 100, seed: 2, shard: undefined }));
  assert.equal(new Set(chosen).size, 100);
  const shards = Array.from({ length: 8 }, (_, i) =>
    selectedIndices(1000, { samples: 100, seed: 1, shard: { part: i + 1, of: 8 } }),
  );
  assert.deepEqual(
    shards.flat().sort((a, b) => a - b),
    chosen,
  );
  assert.ok(shards.every((s) => s.length >= 12));
  // No part of the source is left out: a bug of the shuffle would show here.
  const often = new Array<number>(20).fill(0);
  for (let seed = 0; seed < 400; seed++)
    for (const i of selectedIndices(20, { samples: 5, seed, shard: undefined })) often[i]++;
  assert.ok(
    often.every((n) => n > 60 && n < 140),
    often.join(),
  );
  assert.deepEqual(parseShard('2/8'), { part: 2, of: 8 });
  for (const text of ['0/8', '9/8', '1', 'a/b']) assert.throws(() => parseShard(text), /Q0605/);
});

test('digests are of the data, not of its name or of leading ones', async () => {
  const x = [input('x', [1, 2])];
  const [a] = await samplesOf(write('da.npy', npy([1, 2])), x);
  const [b] = await samplesOf(write('db.npy', npy([2])), x);
  const [c] = await samplesOf(write('dc.npy', npy([2], 1)), x);
  assert.equal(digestOf(a), digestOf(b));
  assert.notEqual(digestOf(a), digestOf(c));
});
