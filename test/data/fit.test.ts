/** --preprocess, the resize it asks for (against Pillow), and what becomes of samples that do not fit. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { fitted } from '../../src/data/fit.js';
import { noPreprocess, parsePreprocess, printPreprocess } from '../../src/data/preprocess.js';
import { resized } from '../../src/data/resize.js';
import type { RawArray } from '../../src/data/source.js';
import { QccError } from '../../src/diagnostics/diagnostic.js';
import { floatType, perTensor, quantType, type Shape, type TensorType, unitAffine } from '../../src/ir/type.js';
import type { NpyArray } from '../../src/npy.js';

interface Case {
  readonly from: readonly [number, number, number];
  readonly to: readonly [number, number];
  readonly x: readonly number[];
  readonly y: readonly number[];
}
const isCases = (value: unknown): value is readonly Case[] => Array.isArray(value) && value.length > 0;

test('bilinear resize is that of Pillow, to a rounding of its 8-bit passes', () => {
  const cases: unknown = JSON.parse(readFileSync(new URL('resize-vectors.json', import.meta.url), 'utf8'));
  assert.ok(isCases(cases));
  for (const { from, to, x, y } of cases) {
    const [height, width, channels] = from;
    const { data } = resized({ height, width, channels, data: Float64Array.from(x) }, to[0], to[1]);
    assert.equal(data.length, y.length);
    for (const [i, v] of data.entries()) assert.ok(Math.abs(v - y[i]) <= 1, `${from} to ${to}: ${v}, Pillow ${y[i]}`);
  }
});

test('--preprocess: presets, settings, fractions, and what is wrong with others', () => {
  assert.equal(
    printPreprocess(parsePreprocess('resize=256,crop=224x200,mean=1,2,3,std=4,order=bgr,scale=1/255,layout=nhwc')),
    `layout=nhwc,resize=256,crop=224x200,order=bgr,scale=${1 / 255},mean=1,2,3,std=4`,
  );
  assert.deepEqual(parsePreprocess('imagenet,resize=232').resize, { height: undefined, width: 232 });
  assert.equal(parsePreprocess('imagenet,resize=232').crop, 'model');
  for (const preset of ['imagenet', 'caffe', 'inception', 'unit'])
    assert.notEqual(printPreprocess(parsePreprocess(preset)), '');
  for (const text of [
    '',
    'imgnet',
    'unit,imagenet',
    'resize=0',
    'resize=a',
    'std=0',
    'scale=1/0',
    'scale=1,2',
    'order=rbg',
    'crops=3',
    'mean=1,x',
  ])
    assert.throws(
      () => parsePreprocess(text),
      (e) => e instanceof QccError && e.exitCode === 2 && e.diagnostics[0].code === 'Q0807',
      text,
    );
});

const bytes = (shape: Shape): NpyArray => ({
  element: 'u8',
  shape,
  data: Uint8Array.from({ length: shape.reduce((p, d) => p * d, 1) }, (_, i) => i),
});
const image = (shape: Shape): RawArray => ({ array: bytes(shape), kind: 'image' });
const array = (array: NpyArray): RawArray => ({ array, kind: 'tensor' });
const floats = (shape: Shape): NpyArray => ({
  element: 'f32',
  shape,
  data: Float32Array.from({ length: shape.reduce((p, d) => p * d, 1) }, (_, i) => i),
});

function fit(raw: RawArray, type: TensorType, preprocess = ''): number[] {
  const p = preprocess === '' ? noPreprocess : parsePreprocess(preprocess);
  const [t] = fitted({ name: 's', label: undefined, arrays: [raw] }, [{ kind: 'param', name: 'x', type }], p);
  return Array.from(t.data, Number);
}

test('images take the layout, the channels and the element of the input', () => {
  const picture = image([1, 2, 3]);
  assert.deepEqual(fit(picture, floatType([1, 3, 1, 2])), [0, 3, 1, 4, 2, 5]);
  assert.deepEqual(fit(picture, floatType([1, 1, 2, 3])), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(fit(picture, floatType([1, 3, 1, 2]), 'order=bgr'), [2, 5, 1, 4, 0, 3]);
  assert.deepEqual(fit(picture, floatType([1, 1, 1, 2])), [1, 4], 'grey by ITU-R 601');
  assert.deepEqual(fit(image([1, 2, 1]), floatType([1, 3, 1, 2])), [0, 1, 0, 1, 0, 1]);
  assert.deepEqual(fit(image([2, 2, 1]), floatType([1, 4])), [0, 1, 2, 3]);
  assert.deepEqual(fit(image([2, 2, 1]), floatType([1, 2, 2])), [0, 1, 2, 3]);
  const pixels = quantType('u8', [1, 1, 2, 3], unitAffine);
  assert.deepEqual(fit(picture, pixels), [0, 1, 2, 3, 4, 5]);
  const stored = quantType('s8', [1, 1, 2, 3], perTensor(0.5, -3));
  assert.deepEqual(fit(picture, stored), [-3, -1, 1, 3, 5, 7]);
});

test('the arithmetic is (x * scale - mean) / std, rounded once, per channel of the model', () => {
  const got = fit(image([1, 2, 3]), floatType([1, 3, 1, 2]), 'imagenet,resize=1x2');
  const [mean, std] = [
    [0.485, 0.456, 0.406],
    [0.229, 0.224, 0.225],
  ];
  const want = [0, 3, 1, 4, 2, 5].map((x, i) => {
    const c = Math.floor(i / 2);
    return Math.fround((x * (1 / 255) - mean[c]) / std[c]);
  });
  assert.deepEqual(got, want);
  assert.deepEqual(fit(array(bytes([1, 3, 1, 2])), floatType([1, 3, 1, 2]), 'mean=0,1,2'), [0, 1, 1, 2, 2, 3]);
  assert.deepEqual(fit(array(bytes([4])), floatType([1, 4]), 'scale=1/2,mean=1'), [-1, -0.5, 0, 0.5]);
});

test('resize and crop: the shorter side, both sides, the middle', () => {
  assert.equal(fit(image([4, 8, 3]), floatType([1, 2, 2, 3]), 'resize=2,crop=2').length, 12);
  assert.equal(fit(image([8, 8, 3]), floatType([1, 7, 7, 3]), 'imagenet').length, 147);
  const strip = image([1, 9, 1]);
  assert.deepEqual(fit(strip, floatType([1, 1, 1, 5]), 'crop=1x5'), [2, 3, 4, 5, 6]);
  assert.deepEqual(fit(array(bytes([2, 1, 3])), floatType([1, 3, 2, 1]), 'layout=nhwc'), [0, 3, 1, 4, 2, 5]);
  assert.deepEqual(fit(array(floats([3, 1, 2])), floatType([1, 1, 2, 3]), 'layout=nchw'), [0, 2, 4, 1, 3, 5]);
});

test('arrays fit as they are, or are refused with the option that helps', () => {
  assert.deepEqual(fit(array(floats([2, 2])), floatType([1, 2, 2])), [0, 1, 2, 3]);
  const said = (raw: RawArray, type: TensorType, p = ''): string => {
    try {
      fit(raw, type, p);
    } catch (failure) {
      if (failure instanceof QccError)
        return failure.diagnostics.map((d) => `${d.code} ${d.message} -> ${d.help ?? ''}`).join();
      throw failure;
    }
    return assert.fail('it fits');
  };
  const doubles: NpyArray = { element: 'f64', shape: [4], data: new Float64Array(4) };
  assert.match(
    said(array(doubles), floatType([1, 4])),
    /^Q0806 s: found float64 \[4\], input "x" takes float32 \[1,4\] -> --preprocess scale=1 /,
  );
  assert.match(said(array(floats([4, 4, 3])), floatType([1, 3, 4, 4])), /-> --preprocess layout=nhwc/);
  assert.match(said(array(floats([3, 8, 8])), floatType([1, 3, 4, 4])), /-> --preprocess resize=4x4/);
  assert.match(
    said(image([8, 9, 3]), floatType([1, 3, 8, 8])),
    /the image is 8x9, input "x" takes 8x8 -> --preprocess resize=8x8/,
  );
  assert.match(said(image([8, 8, 3]), floatType([1, 3, 4, 4]), 'crop=9'), /cannot crop 9x9 out of 8x8/);
  assert.match(said(array(floats([5])), floatType([1, 4])), /reshape/);
  assert.match(said(image([2, 2, 3]), floatType([1, 3, 2, 2]), 'mean=1,2'), /2 values for channel 3/);
  assert.match(said(array(floats([4])), quantType('u8', [1, 4], unitAffine)), /astype\("uint8"\)/);
});
