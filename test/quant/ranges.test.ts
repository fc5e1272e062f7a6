/** Histograms that add up exactly, and the ranges chosen from them and from what they have not seen. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { UNBOUNDED } from '../../src/ir/type.js';
import {
  chooseRange,
  coveringRange,
  entropyRange,
  type Grid,
  meanSquaredError,
  minMaxRange,
  mseRange,
  percentileRange,
  type RangeRule,
} from '../../src/quant/range-choice.js';
import { addedHistograms, exponentFor, histogramOf, SIDE_BINS, tensorStats, widened } from '../../src/quant/ranges.js';
import { withTails } from '../../src/quant/tails.js';

const bytes: Grid = { levels: 256, symmetric: false };
const signedBytes: Grid = { levels: 255, symmetric: true };
const float = fc.float({ noNaN: true, noDefaultInfinity: true });
const rules: readonly RangeRule[] = [
  { rule: 'min-max' },
  { rule: 'percentile', percent: 99.9 },
  { rule: 'mse' },
  { rule: 'entropy' },
];

/** Deterministic normal deviates, by Box and Muller. */
function normal(count: number): number[] {
  let state = 12345;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return Array.from({ length: count }, () =>
    Math.fround(Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())),
  );
}

/** 2 * integral of (x - t)^2 over the tail of the normal distribution + step^2 / 12 (Banner et al. 2019), by Simpson. */
function theory(t: number, levels: number): number {
  const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  const steps = 2000;
  const h = (12 - t) / steps;
  let tail = 0;
  for (let i = 0; i <= steps; i++) {
    const x = t + i * h;
    tail += (i === 0 || i === steps ? 1 : i % 2 === 0 ? 2 : 4) * (x - t) ** 2 * density(x);
  }
  return (2 * tail * h) / 3 + ((2 * t) / (levels - 1)) ** 2 / 12;
}

test('a histogram counts what floor(x / 2^exponent) says, with the smallest exponent that fits', () => {
  const h = histogramOf([0, -0, 1, 2047.5, -2048, 0.75]);
  assert.equal(h.exponent, 0);
  assert.equal(h.first, -2048);
  assert.equal(h.counts[2048], 3);
  assert.equal(h.counts[2049], 1);
  assert.equal(h.counts[2048 + 2047], 1);
  assert.equal(histogramOf([2048]).exponent, 1);
  assert.equal(histogramOf([0]).exponent, -149);
  assert.equal(exponentFor(2 ** -149), -149);
  assert.throws(() => exponentFor(Number.NaN), RangeError);
});

test('histograms of parts add up to that of the whole, in any order', () => {
  fc.assert(
    fc.property(fc.array(fc.array(float), { minLength: 1, maxLength: 6 }), (parts) => {
      const whole = histogramOf(parts.flat());
      const left = parts.map(histogramOf).reduce(addedHistograms);
      const right = parts.map(histogramOf).reduceRight((sum, h) => addedHistograms(h, sum));
      const reversed = [...parts].reverse().map(histogramOf).reduce(addedHistograms);
      for (const h of [left, right, reversed]) assert.deepEqual(h, whole);
    }),
  );
});

test('wider bins are those of the same values', () => {
  fc.assert(
    fc.property(fc.array(float, { minLength: 1 }), fc.integer({ min: 0, max: 30 }), (values, shift) => {
      const h = histogramOf(values);
      const wide = widened(h, h.exponent + shift);
      for (const x of values) assert.ok(wide.counts[Math.floor(x / 2 ** wide.exponent) - wide.first] > 0);
      assert.equal(
        wide.counts.reduce((a, b) => a + b, 0),
        values.length,
      );
      assert.ok(wide.first >= -SIDE_BINS && wide.first + wide.counts.length <= SIDE_BINS);
    }),
  );
});

test('every choice holds zero and stays within what was seen', () => {
  fc.assert(
    fc.property(fc.array(float), (values) => {
      const stats = tensorStats(values);
      for (const rule of rules) {
        const { min, max } = chooseRange(stats, bytes, rule);
        assert.ok(min <= 0 && max >= 0);
        assert.ok(min >= Math.min(0, ...values) && max <= Math.max(0, ...values));
        const mirrored = chooseRange(stats, signedBytes, rule);
        assert.equal(mirrored.min, -mirrored.max);
        assert.ok(mirrored.max <= Math.max(0, ...values.map(Math.abs)));
      }
    }),
    { numRuns: 30 },
  );
});

test('a choice depends on the values, not on their order or split', () => {
  const values = normal(3000);
  const stats = tensorStats(values);
  const parts = [values.slice(2000), values.slice(0, 700), values.slice(700, 2000)];
  const merged = { ...stats, histogram: parts.map(histogramOf).reduce(addedHistograms) };
  for (const rule of rules) assert.deepEqual(chooseRange(merged, bytes, rule), chooseRange(stats, bytes, rule));
});

test('percentile leaves out the share it is told, in whole bins', () => {
  const values = Array.from({ length: 1000 }, (_, i) => i);
  const { min, max } = percentileRange(tensorStats(values), bytes, 98);
  assert.deepEqual([min, max], [0, 989.5]);
  const both = percentileRange(tensorStats(values.map((x) => x - 500)), signedBytes, 90);
  const outside = values.filter((x) => x - 500 < both.min || x - 500 >= both.max).length;
  assert.ok(outside <= 100 && outside > 95, `${outside} values are cut`);
});

test('least squares clips a normal distribution where theory says', () => {
  const stats = tensorStats(normal(200_000));
  for (const levels of [16, 64, 256]) {
    const thresholds = Array.from({ length: 400 }, (_, i) => 1 + i / 100);
    const best = thresholds.reduce((a, b) => (theory(b, levels) < theory(a, levels) ? b : a));
    const range = mseRange(stats, { levels, symmetric: true });
    assert.ok(Math.abs(range.max - best) < 0.05 * best, `${levels} levels: ${range.max}, not ${best}`);
  }
});

test('least squares is no worse on the values themselves than all of them', () => {
  const values = [...normal(20_000), 40, -3];
  const stats = tensorStats(values);
  for (const grid of [bytes, signedBytes, { levels: 16, symmetric: false }]) {
    const error = (range: { min: number; max: number }) => {
      const step = (range.max - range.min) / (grid.levels - 1);
      const quantized = (x: number) => Math.round(Math.min(Math.max(x, range.min), range.max) / step) * step;
      return values.reduce((sum, x) => sum + (x - quantized(x)) ** 2, 0) / values.length;
    };
    const best = mseRange(stats, grid);
    assert.ok(error(best) < error(minMaxRange(stats, grid)));
    const modelled = meanSquaredError(stats, best, grid);
    assert.ok(Math.abs(modelled / error(best) - 1) < 0.1, `${modelled} is told, ${error(best)} measured`);
  }
});

test('zeros do not stretch or shrink a range', () => {
  const values = normal(5000).map(Math.abs);
  const withZeros = [...values, ...new Array<number>(50_000).fill(0)];
  for (const rule of [mseRange, entropyRange])
    assert.deepEqual(rule(tensorStats(withZeros), bytes), rule(tensorStats(values), bytes));
});

test('entropy drops a lone far outlier and keeps a plain uniform distribution', () => {
  const outlier = entropyRange(tensorStats([...normal(50_000).map(Math.abs), 60]), bytes);
  assert.ok(outlier.max < 15, `max ${outlier.max}`);
  const even = entropyRange(tensorStats(Array.from({ length: 65_536 }, (_, i) => i / 65_536)), bytes);
  assert.ok(even.max > 0.97, `max ${even.max}`);
});

test('what was not seen: one value more beyond each end, within its bounds', () => {
  const seen = tensorStats(normal(50));
  const total = ({ counts }: { readonly counts: Float64Array }) => counts.reduce((a, b) => a + b, 0);
  for (const bounds of [UNBOUNDED, { min: -2.5, max: 3 }, { min: -0.5, max: 0.5 }]) {
    const { min, max, histogram } = withTails(seen, bounds);
    const ends = [seen.min > bounds.min, seen.max < bounds.max].filter(Boolean).length;
    assert.ok(Math.abs(total(histogram) - 50 - ends) < 1e-9);
    assert.ok(min >= Math.min(seen.min, bounds.min) && max <= Math.max(seen.max, bounds.max));
  }
  const relu = tensorStats(normal(50).map((x) => Math.max(0, x)));
  assert.equal(withTails(relu, UNBOUNDED).min, 0);
});

test('a range of few values leaves room for the next, one of many does not', () => {
  const all = normal(400_000);
  const rule = { rule: 'next' } as const;
  assert.deepEqual(chooseRange(tensorStats(all), bytes, rule), { min: 0, max: 0 });
  // What calibrations of 40 values cost on values that they have not seen.
  const noise = (rules: readonly RangeRule[]): number => {
    let sum = 0;
    for (let at = 0; at < 40 * 50; at += 40) {
      const known = { weights: undefined, bounds: UNBOUNDED };
      const { min, max } = coveringRange(tensorStats(all.slice(at, at + 40)), bytes, rules, known);
      const step = (max - min) / 255;
      for (const x of all.slice(-500)) sum += (Math.round(Math.min(Math.max(x, min), max) / step) * step - x) ** 2;
    }
    return sum;
  };
  const [without, withRoom] = [noise([{ rule: 'mse' }]), noise([{ rule: 'mse' }, rule])];
  assert.ok(withRoom < without / 4, `${withRoom} and ${without}`);
});
