// needs: c-compiler
/** `--io` as a user calls it: the header's quantizer is the compiler's, the compiled pixels are the preprocessed ones. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { readNpy, writeNpy } from '../../src/npy.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { scaledPixel } from '../../src/quant/pixels.js';
import { dequantizeValue, quantizeValue } from '../../src/quant/requantize.js';
import { cnn } from '../quantizer/float-models.js';
import { qcc } from './command.js';

const folder = mkdtempSync(join(tmpdir(), 'qcc-io-'));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

const bytes = Uint8Array.from({ length: 12 * 8 * 8 * 3 }, (_, i) => (i * 7 + (i >> 5) * 13) & 255);
writeFileSync(at('cnn.onnx'), encodeModel(cnn()));
writeFileSync(at('images.npy'), writeNpy({ element: 'u8', shape: [12, 8, 8, 3], data: bytes }));
writeFileSync(at('pixels.npy'), writeNpy({ element: 'u8', shape: [1, 8, 8, 3], data: bytes.slice(0, 192) }));
const scaling = 'layout=nhwc,scale=1/64,mean=1.5,2,2.5,std=1,2,0.5';
const calibrated = ['--calibrate', at('images.npy'), '--preprocess', scaling];

function built(name: string, ...options: readonly string[]): string {
  const ended = qcc(['build', at('cnn.onnx'), '--name', 'm', '-o', at(name), ...options]);
  assert.equal(ended.status, 0, ended.stderr);
  return at(name);
}

function answer(build: string, input: string): Uint8Array | Float32Array {
  const ended = qcc(['run', build, '--input', input, '--output', at('y.npy')]);
  assert.equal(ended.status, 0, ended.stderr);
  const { data } = readNpy(readFileSync(at('y.npy')), 'y.npy');
  assert.ok(data instanceof Uint8Array || data instanceof Float32Array);
  return data;
}

test('u8pixels with --calibrate: the program answers what the float one does on preprocessed pixels', () => {
  const [pixels, float] = [built('pixels', ...calibrated, '--io', 'u8pixels'), built('float', ...calibrated)];
  const [means, deviations] = [
    [1.5, 2, 2.5],
    [1, 2, 0.5],
  ];
  const planes = Float32Array.from({ length: 192 }, (_, i) => {
    const c = Math.floor(i / 64);
    return scaledPixel(bytes[3 * (i % 64) + c], 1 / 64, means[c], deviations[c]);
  });
  writeFileSync(at('planes.npy'), writeNpy({ element: 'f32', shape: [1, 3, 8, 8], data: planes }));
  assert.deepEqual(answer(pixels, at('pixels.npy')), answer(float, at('planes.npy')));
  assert.match(readFileSync(join(pixels, 'm.c'), 'utf8'), /lookup_channels/);
});

test('int8: what the header makes of a real number is what the compiler would', () => {
  const build = built('stored', ...calibrated, '--io', 'int8', '--emit', 'c');
  const header = readFileSync(join(build, 'm.h'), 'utf8');
  /** As the comments spell them: the macros are hexadecimal floats. */
  const affineOf = (kind: string): readonly [number, number] => {
    const found = new RegExp(`${kind} .*real = (\\S+) \\* \\(stored - (-?\\d+)\\)`).exec(header);
    assert.ok(found !== null);
    return [Math.fround(Number(found[1])), Number(found[2])];
  };
  const [[scale, zero], [outScale, outZero]] = [affineOf('input'), affineOf('output')];
  const steps = Array.from({ length: 700 }, (_, i) => (i - 350) / 2);
  const reals = steps.flatMap((s) => [s, s * 1.0000001, s * 0.9999999]).map((s) => Math.fround(s * scale));
  const list = [...reals, 1e30, -1e30, 0, -0].map((x) => `${x.toExponential(12)}f`);
  const program = `#include "m.h"
#include <stdio.h>
#include <math.h>
int main(void) {
  static const float reals[] = {${list.join(', ')}, INFINITY, -INFINITY, NAN};
  for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) printf("%d ", m_quantize_x(reals[i]));
  for (int i = 0; i < 256; i++) printf("%.17g ", (double)m_dequantize_y((uint8_t)i));
  return 0;
}
`;
  for (const [compiler, file, standard] of [
    ['gcc', 'main.c', '-std=c11'],
    ['g++', 'main.cpp', '-std=c++11'],
  ]) {
    writeFileSync(at(file), program);
    const warnings = ['-Wall', '-Wextra', '-Wconversion', '-Wshadow', '-pedantic', '-Werror'];
    execFileSync(compiler, [standard, '-O2', ...warnings, '-I', build, at(file), '-o', at('main')]);
    const got = execFileSync(at('main'), { encoding: 'utf8' }).trim().split(' ').map(Number);
    const inputs = [...reals, 1e30, -1e30, 0, -0, Infinity, -Infinity, Number.NaN];
    const want = inputs.map((x) => quantizeValue(x, scale, zero, 0, 255));
    assert.deepEqual(got.slice(0, want.length), want);
    const ys = Array.from({ length: 256 }, (_, i) => dequantizeValue(i, outScale, outZero));
    assert.deepEqual(got.slice(want.length).map(Math.fround), ys.map(Math.fround));
  }
});

test('what a table cannot hold, and preprocessing of nothing, are refused', () => {
  const resized = qcc(['build', at('cnn.onnx'), '--io', 'u8pixels', '--preprocess', 'resize=9,mean=1']);
  assert.equal(resized.status, 2);
  assert.match(resized.stderr, /error\[Q0845\]: --io u8pixels cannot do resize=/);
  const idle = qcc(['build', at('cnn.onnx'), '--preprocess', 'unit']);
  assert.equal(idle.status, 2);
  assert.match(idle.stderr, /--preprocess is for samples of --calibrate, or for --io u8pixels/);
});
