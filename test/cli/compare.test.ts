/** The units of `qcc verify`: what counts as equal, and how far apart two tensors are. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { difference, top1, total } from '../../src/cli/compare.js';
import { floatType } from '../../src/ir/type.js';

const exact = { signedZero: true };

test('integers differ by whole steps', () => {
  const d = difference(Int8Array.of(1, -128, 5), Int8Array.of(1, 127, 6), exact);
  assert.deepEqual(d, { elements: 3, equal: 1, maxAbsDiff: 255, maxSteps: 255 });
  assert.deepEqual(difference(BigInt64Array.of(1n), BigInt64Array.of(3n), exact).maxSteps, 2);
});

test('floats differ by neighbours, or by steps of their grid', () => {
  const one = Float32Array.of(1);
  assert.equal(difference(Float32Array.of(1 + 2 ** -23), one, exact).maxSteps, 1);
  assert.equal(difference(Float32Array.of(-0), Float32Array.of(0), exact).maxSteps, 1);
  assert.equal(difference(Float32Array.of(-(2 ** -149)), Float32Array.of(2 ** -149), exact).maxSteps, 3);
  assert.equal(difference(Float32Array.of(1.5), one, { grid: 0.25, signedZero: true }).maxSteps, 2);
});

test('signs of zero and NaN', () => {
  const zero = Float32Array.of(0);
  assert.equal(difference(Float32Array.of(-0), zero, exact).equal, 0);
  assert.equal(difference(Float32Array.of(-0), zero, { signedZero: false }).equal, 1);
  assert.equal(difference(Float32Array.of(Number.NaN), Float32Array.of(Number.NaN), exact).equal, 1);
  const lost = difference(Float32Array.of(Number.NaN), zero, exact);
  assert.deepEqual(
    [lost.equal, lost.maxAbsDiff, lost.maxSteps],
    [0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  );
});

test('differences of samples add up', () => {
  const a = { elements: 2, equal: 2, maxAbsDiff: 0, maxSteps: 0 };
  assert.deepEqual(total([a, { elements: 2, equal: 1, maxAbsDiff: 0.5, maxSteps: 3 }]), {
    elements: 4,
    equal: 3,
    maxAbsDiff: 0.5,
    maxSteps: 3,
  });
});

test('top-1 is the first of equals, of vectors only', () => {
  assert.equal(top1({ type: floatType([1, 4]), data: Float32Array.of(0, 2, 2, 1) }), 1);
  assert.equal(top1({ type: floatType([2, 2]), data: Float32Array.of(0, 2, 2, 1) }), undefined);
});
