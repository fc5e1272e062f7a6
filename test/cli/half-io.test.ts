// needs: c-compiler
/**
 * Float16 inputs and outputs, of a program and of a library: every pattern there is, and floats that lie on, between and
 * beyond halves. The reference looks a half up among all of them, by exact distances; it shares nothing with the compiler.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { model, node, value } from '../onnx/model-builder.js';
import { qcc } from './command.js';

const folder = mkdtempSync(join(tmpdir(), 'qcc-half-'));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

const patterns = Uint16Array.from({ length: 65536 }, (_, i) => i);
/** What the bits mean, written down anew. */
const meanings = Float64Array.from(patterns, (bits) => {
  const [exponent, fraction] = [(bits >> 10) & 31, bits % 1024];
  const size =
    exponent === 31
      ? fraction === 0
        ? Infinity
        : NaN
      : exponent === 0
        ? fraction / 2 ** 24
        : (1024 + fraction) * 2 ** (exponent - 25);
  return bits < 0x8000 ? size : -size;
});

/** Of a positive number: the half at the least distance, the even one of two; 2^16 stands where infinity is. */
function nearest(size: number): number {
  const place = (bits: number): number => (bits === 0x7c00 ? 65536 : meanings[bits]);
  let [low, high] = [0, 0x7c00];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (place(middle) <= size) low = middle;
    else high = middle;
  }
  const [below, above] = [size - place(low), place(high) - size];
  if (below !== above) return below < above ? low : high;
  return low % 2 === 0 ? low : high;
}

/** Around each half and each middle of two. */
const floats = Float32Array.from({ length: 6 * 0x7c00 }, (_, i) => {
  const half = Math.floor(i / 6);
  const next = half === 0x7bff ? 65536 : meanings[half + 1];
  const points = [meanings[half], (meanings[half] + next) / 2];
  const size = points[i % 2] * (1 + ((Math.floor(i / 2) % 3) - 1) * 2 ** -23);
  return half % 3 === 0 ? -size : size;
});
floats.set([3e38, -3e38, Infinity, -Infinity, -0, 1e-45, -1e-45], 12);

/** Version 1.0 as `numpy.save` writes it, by hand. */
function npy(descr: string, shape: string, data: Uint16Array | Float32Array): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117);
  return Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'),
    Buffer.from(`${text}\n`),
    Buffer.from(data.buffer),
  ]);
}

function halvesIn(file: string): Uint16Array {
  const bytes = readFileSync(file);
  assert.match(bytes.toString('latin1', 0, 128), /'descr': '<f2'/, file);
  return new Uint16Array(new Uint8Array(bytes.subarray(128)).buffer);
}

test('float16 is float16 in files and 16 bits in the library call', () => {
  const { length } = floats;
  writeFileSync(
    at('m.onnx'),
    model({
      nodes: [
        node('Identity', ['x'], ['y']),
        node('Cast', ['x'], ['w'], { to: 1 }),
        node('Cast', ['f'], ['z'], { to: 10 }),
      ],
      inputs: [value('x', 'f16', [65536]), value('f', 'f32', [length])],
      outputs: [value('y', 'f16', [65536]), value('w', 'f32', [65536]), value('z', 'f16', [length])],
    }),
  );
  const built = qcc(['build', at('m.onnx'), '-o', at('m')]);
  assert.equal(built.status, 0, built.stderr);
  writeFileSync(at('x.npy'), npy('<f2', '(65536,)', patterns));
  writeFileSync(at('f.npy'), npy('<f4', `(${length},)`, floats));
  const outputs = ['y', 'w', 'z'].flatMap((name) => ['--output', `${name}=${at(`${name}.npy`)}`]);
  execFileSync(at('m/m'), ['--input', `x=${at('x.npy')}`, '--input', `f=${at('f.npy')}`, ...outputs]);

  const isNaNBits = (bits: number): boolean => (bits & 0x7fff) > 0x7c00;
  for (const [i, bits] of halvesIn(at('y.npy')).entries())
    if (isNaNBits(i)) assert.ok(isNaNBits(bits), String(i));
    else assert.equal(bits, i);
  const wide = new Float32Array(new Uint8Array(readFileSync(at('w.npy')).subarray(128)).buffer);
  assert.ok(wide.every((v, i) => Object.is(v, meanings[i])));
  for (const [i, bits] of halvesIn(at('z.npy')).entries()) {
    const v = floats[i];
    assert.equal(bits, nearest(Math.abs(v)) + (v < 0 || Object.is(v, -0) ? 0x8000 : 0), String(v));
  }

  assert.match(readFileSync(at('m/m.h'), 'utf8'), /const uint16_t \*x; .*binary16/);
  const info = JSON.parse(execFileSync(at('m/m'), ['--info', '--json'], { encoding: 'utf8' }));
  assert.deepEqual([info.inputs[0].dtype, info.outputs[2].dtype], ['float16', 'float16']);
  writeFileSync(at('wrong.npy'), npy('<f4', '(65536,)', new Float32Array(65536)));
  const refused = qcc(['run', at('m'), '--input', `x=${at('wrong.npy')}`, '--input', `f=${at('f.npy')}`]);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /found float32 \[65536\], expected float16 \[65536\] for "x"/);

  // Read by qcc itself, and given to the interpreter and to ONNX Runtime.
  const verified = qcc(['verify', at('m.onnx'), '--data', folder, '--json']);
  assert.equal(verified.status, 0, verified.stderr);
  const { outputs: compared, onnxruntime } = JSON.parse(verified.stdout);
  for (const { name, equal_fraction } of [...compared, ...onnxruntime.outputs]) assert.equal(equal_fraction, 1, name);
});
