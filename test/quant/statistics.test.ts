/** Statistics of shards add up to those of the whole, bit for bit, in any order; the file holds them to the last bit. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { parseStatistics, printStatistics } from '../../src/data/qstats.js';
import { QccError } from '../../src/diagnostics/diagnostic.js';
import {
  accumulated,
  added,
  differingSubject,
  emptyStatistics,
  halfOf,
  overlap,
  rangesOf,
  type Statistics,
  type Sums,
} from '../../src/quant/statistics.js';
import { sumsOf } from './sums.js';

const subject = { modelSha256: 'ab'.repeat(32), modelName: 'm.onnx', inputs: ['x [1,2,3]'], preprocess: '' };

/** A sample of a tensor of 2 channels by 3 values, and its digest. */
const sample = fc.record({
  digest: fc.stringMatching(/^[0-9a-f]{32}$/),
  values: fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 6, maxLength: 6 }),
});

function statisticsOf(samples: readonly { digest: string; values: readonly number[] }[]): Statistics {
  const half = (h: 0 | 1) => {
    const mine = samples.filter(({ digest }) => halfOf(digest) === h).map(({ values }) => values);
    return new Map(mine.length === 0 ? [] : [['t', sumsOf(mine, [1, 2, 3], 1)]]);
  };
  return { subject, samples: samples.map(({ digest }) => digest).sort(), halves: [half(0), half(1)] };
}

test('merging is exact, associative and independent of order', () => {
  fc.assert(
    fc.property(fc.array(fc.array(sample, { maxLength: 4 }), { minLength: 1, maxLength: 8 }), (shards) => {
      const whole = printStatistics(statisticsOf(shards.flat()));
      const parts = shards.map(statisticsOf);
      assert.equal(printStatistics(parts.reduce(added, emptyStatistics(subject))), whole);
      assert.equal(printStatistics(parts.reduceRight((sum, part) => added(part, sum))), whole);
      const middle = parts.length >> 1;
      const [left, right] = [parts.slice(0, middle), parts.slice(middle)];
      const sides = [left, right].map((side) => side.reduce(added, emptyStatistics(subject)));
      assert.equal(printStatistics(added(sides[1], sides[0])), whole);
    }),
    { numRuns: 60 },
  );
});

test('parts that are added in place give the same, also where two names share their counts', () => {
  const named = (statistics: Statistics): Statistics => ({
    ...statistics,
    halves: [withAlias(statistics.halves[0]), withAlias(statistics.halves[1])],
  });
  fc.assert(
    fc.property(fc.array(fc.array(sample, { maxLength: 4 }), { minLength: 1, maxLength: 8 }), (shards) => {
      const parts = shards.map((shard) => named(statisticsOf(shard)));
      const sum = parts.reduce(accumulated, emptyStatistics(subject));
      assert.equal(printStatistics(sum), printStatistics(named(statisticsOf(shards.flat()))));
    }),
    { numRuns: 60 },
  );
});

function withAlias(sums: Sums): Sums {
  return new Map([...sums].flatMap(([name, of]) => [[name, of] as const, [`${name}-transposed`, of] as const]));
}

test('a file holds statistics to the last bit', () => {
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 5 }), (samples) => {
      const statistics = statisticsOf(samples);
      const text = printStatistics(statistics);
      assert.equal(printStatistics(parseStatistics(text, 'f')), text);
      assert.deepEqual(parseStatistics(text, 'f'), statistics);
    }),
    { numRuns: 60 },
  );
});

test('ranges are those of both halves; the mean is that of the exact sum', () => {
  const samples = [
    { digest: `0${'1'.repeat(31)}`, values: [1, 2, 3, -1, -2, -3] },
    { digest: `f${'1'.repeat(31)}`, values: [5, 6, 7, 0, 0, 2 ** 100] },
  ];
  const stats = rangesOf(statisticsOf(samples)).get('t');
  assert.ok(stats?.channels !== undefined);
  assert.deepEqual([stats.min, stats.max, stats.count, stats.zeros], [-3, 2 ** 100, 12, 2]);
  assert.deepEqual([...stats.channels.mean], [4, (2 ** 100 - 6) / 6]);
  assert.deepEqual([...stats.channels.min], [1, -3]);
  assert.equal(
    stats.histogram.counts.reduce((a, b) => a + b, 0),
    12,
  );
});

test('statistics of other models, shapes and preprocessing do not add up', () => {
  const other = { ...subject, modelSha256: 'cd'.repeat(32), modelName: 'n.onnx' };
  assert.equal(differingSubject(subject, { ...subject, modelName: 'renamed.onnx' }), undefined);
  assert.equal(differingSubject(subject, other), 'models "m.onnx" and "n.onnx"');
  assert.match(differingSubject(subject, { ...subject, inputs: ['x [1,2,4]'] }) ?? '', /^inputs x \[1,2,3\] and /);
  assert.match(differingSubject(subject, { ...subject, preprocess: 'unit' }) ?? '', /none and unit/);
  assert.equal(overlap(['a', 'b', 'b'], ['b', 'b', 'c']), 1);
});

test('a file that was changed is refused', () => {
  const text = printStatistics(statisticsOf([{ digest: '1'.repeat(32), values: [1, 2, 3, 4, 5, 6] }]));
  const cases: readonly (readonly [string, RegExp])[] = [
    ['', /it is empty/],
    ['PK\u0003\u0004', /line 1 is not a JSON object/],
    ['{"qstats":1}', /format is 1, not 2/],
    ['{}', /format is missing/],
    [text.replace('"model":"', '"model":1,"x":"'), /what was calibrated/],
    [text.replace('"count":6', '"count":7'), /line 2 is not valid/],
    [text.replace(/"channel_min":\[[^\]]*\]/, '"channel_min":[1]'), /line 2 is not valid/],
    [text + text.split('\n')[1], /line 3 is not valid/],
  ];
  for (const [changed, message] of cases)
    assert.throws(
      () => parseStatistics(changed, 'f.qstats'),
      (e) => e instanceof QccError && e.diagnostics[0].code === 'Q0801' && message.test(e.message),
      changed,
    );
});
