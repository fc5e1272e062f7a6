/** Pairs of channels: each pair that is called safe is, none that could be made is missing but a rare one, and every channel is there once. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Conflicts, pairedChannels } from '../../src/program/channel-pairs.js';
import { randomFrom } from '../ops/sample-cases.js';

const most = 128;

/** Weights [rows][count] of a bell curve that reaches 127 about once a row. */
function weights(rows: number, count: number, spread: number, next: () => number): Int8Array {
  const bell = () => (next() + next() + next() + next() - 2) * spread;
  return Int8Array.from({ length: rows * count }, () => Math.max(-128, Math.min(127, Math.round(bell()))));
}

function fits(w: Int8Array, count: number, i: number, j: number): boolean {
  for (let at = 0; at < w.length; at += count) {
    const [a, b] = [w[at + i], w[at + j]];
    if (Math.max(a, 0) + Math.max(b, 0) > most || Math.max(-a, 0) + Math.max(-b, 0) > most) return false;
  }
  return true;
}

function conflictsOf(w: Int8Array, count: number): Conflicts {
  const conflicts = new Conflicts(count);
  for (let at = 0; at < w.length; at += count) conflicts.add(w, at, most);
  return conflicts;
}

/** The most pairs, by trying all. */
function mostPairs(may: (i: number, j: number) => boolean, left: readonly number[]): number {
  if (left.length < 2) return 0;
  const [first, ...rest] = left;
  const without = mostPairs(may, rest);
  return Math.max(
    without,
    ...rest
      .filter((j) => may(first, j))
      .map(
        (j) =>
          1 +
          mostPairs(
            may,
            rest.filter((i) => i !== j),
          ),
      ),
  );
}

for (const [rows, count, spread] of [
  [16, 8, 120],
  [24, 9, 110],
  [40, 10, 100],
  [64, 96, 70],
  [320, 130, 45],
])
  test(`${count} channels, ${rows} rows of weights`, () => {
    const next = randomFrom(`${rows} x ${count}`);
    let missed = 0;
    for (let round = 0; round < 20; round++) {
      const w = weights(rows, count, spread, next);
      const conflicts = conflictsOf(w, count);
      const { order, unsafe } = pairedChannels(conflicts);
      assert.deepEqual(
        [...order].sort((a, b) => a - b),
        Array.from(order.keys()),
      );
      const pairs = Array.from({ length: Math.floor(count / 2) }, (_, p) =>
        fits(w, count, order[2 * p], order[2 * p + 1]),
      );
      assert.equal(pairs.filter((safe) => !safe).length, unsafe);
      for (let i = 0; i < count; i++)
        for (let j = 0; j < i; j++) assert.equal(conflicts.has(i, j), !fits(w, count, i, j), `${i} and ${j}`);
      if (count > 10) continue;
      const best = mostPairs((i, j) => fits(w, count, i, j), Array.from(order.keys()));
      missed += best - (pairs.length - unsafe);
    }
    assert.ok(missed <= 1, `${missed} pairs of 20 rounds could have been made`);
  });
