/** Inputs that are stored numbers times a scale are rounded on their own grid, and nothing else is taken for one. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { latticeRange } from '../../src/quant/lattice.js';
import { tensorStats } from '../../src/quant/ranges.js';
import { dequantizeValue, quantizeValue } from '../../src/quant/requantize.js';
import { type ActivationGrid, activationScale } from '../../src/quant/weight-scales.js';

const bytes = { levels: 256, symmetric: false };
const signed = { levels: 255, symmetric: true };
const asymmetric: ActivationGrid = { element: 'u8', symmetric: false };

/** Whole numbers in [low, high], few of them, times `step` in float32. */
function multiples(low: number, high: number, count: number, step: number): Float32Array {
  const inner = Array.from({ length: count }, (_, i) => low + ((i * 7919) % (high - low + 1)));
  return Float32Array.from([low, ...inner, high], (n) => n * step);
}

function largestError(values: Float32Array, range: { readonly min: number; readonly max: number }): number {
  const { scale, zeroPoint } = activationScale(range, asymmetric);
  const [low, high] = [0, 255];
  return values.reduce((worst, x) => {
    const back = dequantizeValue(quantizeValue(x, scale, zeroPoint, low, high), scale, zeroPoint);
    return Math.max(worst, Math.abs(back - x) / scale);
  }, 0);
}

for (const [what, low, high, step] of [
  ['pixels over 255', 0, 255, 1 / 255],
  ['dark pixels', 0, 201, 1],
  ['features of a front end', -211, 43, 0.5847029],
  ['negative values', -250, -3, 0.1],
  ['few different values', 0, 15, 0.37],
] as const)
  test(`${what}: multiples of ${step} lose nothing`, () => {
    const values = multiples(low, high, 60, step);
    const range = latticeRange(tensorStats(values), bytes);
    assert.ok(range !== undefined, 'no lattice found');
    assert.ok(largestError(values, range) < 2 ** -14);
    assert.ok(range.min <= Math.min(0, low * step) + 1e-6 && range.max >= Math.max(0, high * step) - 1e-6);
  });

test('values between the steps, too many steps, too few values, or nothing at all are no lattice', () => {
  const continuous = Float32Array.from({ length: 3000 }, (_, i) => Math.sin(i * 12.9898) * 3);
  assert.equal(latticeRange(tensorStats(continuous), bytes), undefined);
  const some = multiples(-100, 100, 60, 0.25);
  assert.ok(latticeRange(tensorStats(some), bytes) !== undefined);
  assert.equal(latticeRange(tensorStats([...some, 7.1]), bytes), undefined);
  assert.equal(latticeRange(tensorStats(multiples(-200, 200, 900, 0.25)), bytes), undefined);
  assert.equal(latticeRange(tensorStats([0, 1, 2, 3]), bytes), undefined);
  assert.equal(latticeRange(tensorStats([0, 0]), bytes), undefined);
  assert.equal(latticeRange(tensorStats([]), bytes), undefined);
});

test('a symmetric grid has the step too, where its half holds the values', () => {
  const range = latticeRange(tensorStats(multiples(-100, 90, 60, 0.25)), signed);
  assert.deepEqual(range, { min: -127 * 0.25, max: 127 * 0.25 });
  assert.equal(latticeRange(tensorStats(multiples(0, 201, 200, 0.25)), signed), undefined);
});
