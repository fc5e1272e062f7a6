/** Rounding for the output of a layer: the factorization, what it gains on inputs that go together, and that it is never worse. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  addRow,
  emptyGram,
  factored,
  type Gram,
  reconstructedRow,
  reconstructedWeights,
} from '../../src/quant/reconstruct.js';
import { storedWeights } from '../../src/quant/weight-scales.js';

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** Rows whose entries share `common` of their variation. */
function rows(count: number, size: number, common: number, next: () => number): Float32Array[] {
  return Array.from({ length: count }, () => {
    const together = next();
    return Float32Array.from({ length: size }, () => Math.max(0, common * together + (1 - common) * next()));
  });
}

function gramOf(all: readonly Float32Array[]): Gram {
  const gram = emptyGram(all[0].length);
  for (const row of all) addRow(gram, row);
  return gram;
}

function outputErrors(all: readonly Float32Array[], w: Float32Array, q: Int8Array, scale: number): readonly number[] {
  return all.map((row) => row.reduce((s, x, i) => s + x * (w[i] - q[i] * scale), 0));
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

function outputError(all: readonly Float32Array[], w: Float32Array, q: Int8Array, scale: number): number {
  return mean(outputErrors(all, w, q, scale).map((e) => e ** 2));
}

/** What is left where a bias takes up the mean. */
function varying(all: readonly Float32Array[], w: Float32Array, q: Int8Array, scale: number): number {
  const errors = outputErrors(all, w, q, scale);
  return mean(errors.map((e) => (e - mean(errors)) ** 2));
}

const nearest = (w: Float32Array, scale: number) => Int8Array.from(w, (v) => Math.round(v / scale));

for (const isCentred of [false, true])
  test(`the Gram matrix${isCentred ? ' about the means' : ''} is U + I times D times its transpose`, () => {
    const size = 7;
    const seen = rows(50, size, 0.4, random(3));
    const found = factored(gramOf(seen), 0.001, isCentred);
    assert.ok(found !== undefined);
    const { order, gram, upper } = found;
    const mean = (of: (row: Float32Array) => number) => seen.reduce((sum, row) => sum + of(row), 0) / seen.length;
    const [a, b] = [order[1], order[4]];
    const product = mean((row) => row[a] * row[b]) - (isCentred ? mean((row) => row[a]) * mean((row) => row[b]) : 0);
    assert.ok(Math.abs(gram[size + 4] - product) < 1e-9);
    const u = (i: number, k: number) => (i === k ? 1 : i < k ? upper[i * size + k] : 0);
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) {
        let sum = 0;
        for (let k = 0; k < size; k++) sum += u(i, k) * upper[k * size + k] * u(j, k);
        assert.ok(Math.abs(sum - gram[i * size + j]) < 1e-12, `${i}, ${j}: ${sum}, ${gram[i * size + j]}`);
      }
  });

for (const [common, gain] of [
  [0.9, 4],
  [0.5, 1.3],
] as const)
  test(`inputs that share ${common} of their variation: the error of outputs nobody fitted falls by ${gain}`, () => {
    const next = random(11);
    const [size, scale] = [48, 0.02];
    const [seen, others] = [rows(400, size, common, next), rows(400, size, common, next)];
    const factors = factored(gramOf(seen), 0, false);
    assert.ok(factors !== undefined);
    let [before, after] = [0, 0];
    for (let o = 0; o < 16; o++) {
      const w = Float32Array.from({ length: size }, () => next());
      before += outputError(others, w, nearest(w, scale), scale);
      after += outputError(others, w, reconstructedRow(w, scale, factors, 127), scale);
    }
    assert.ok(before / after > gain, `${(before / after).toFixed(2)}`);
  });

test('where a bias takes up the mean, rounding about the means leaves less than rounding about zero', () => {
  const next = random(23);
  const [size, scale] = [6, 0.02];
  // Far from zero and not related: most of the error is its mean, and few weights have better to do than to cancel it.
  const drawn = () => Array.from({ length: 400 }, () => Float32Array.from({ length: size }, () => next() + 3));
  const [seen, others] = [drawn(), drawn()];
  const [zero, centre] = [false, true].map((isCentred) => factored(gramOf(seen), 0, isCentred));
  assert.ok(zero !== undefined && centre !== undefined);
  let [aboutZero, aboutMeans] = [0, 0];
  for (let o = 0; o < 200; o++) {
    const w = Float32Array.from({ length: size }, () => next());
    aboutZero += varying(others, w, reconstructedRow(w, scale, zero, 127), scale);
    aboutMeans += varying(others, w, reconstructedRow(w, scale, centre, 127), scale);
  }
  assert.ok(aboutZero / aboutMeans > 1.2, `${(aboutZero / aboutMeans).toFixed(2)}`);
});

test('inputs that were never seen give no factors; weights stay within their limit', () => {
  assert.equal(factored(gramOf([new Float32Array(4)]), 1, true), undefined);
  const factors = factored(gramOf(rows(20, 8, 0.9, random(5))), 0, true);
  assert.ok(factors !== undefined);
  const row = reconstructedRow(new Float32Array(8).fill(1), 1 / 127, factors, 127);
  assert.ok(row.every((q) => Math.abs(q) <= 127));
});

/** Eight outputs of a layer, by the samples of these two lists. */
function layerBy(fitted: readonly Float32Array[], held: readonly Float32Array[]) {
  const [size, outputs, next] = [fitted[0].length, 8, random(31)];
  const data = Float32Array.from({ length: outputs * size }, () => next());
  const scales = new Float32Array(outputs).fill(0.02);
  const gram = { fitted: gramOf(fitted), held: held.length === 0 ? emptyGram(size) : gramOf(held) };
  const found = reconstructedWeights(data, scales, [gram], 0, 1, false);
  const errorOf = (rows: readonly Float32Array[], stored: Int8Array): number =>
    mean(
      Array.from(scales, (scale, o) =>
        outputError(rows, data.subarray(o * size, (o + 1) * size), stored.subarray(o * size, (o + 1) * size), scale),
      ),
    );
  return { found, nearest: storedWeights(data, scales), errorOf };
}

test('a rounding is kept where held-out samples gain by it, and the gain is theirs', () => {
  const next = random(41);
  const [seen, others] = [rows(300, 24, 0.9, next), rows(100, 24, 0.9, next)];
  const { found, nearest, errorOf } = layerBy(seen, others);
  assert.ok(found.isKept);
  assert.notDeepEqual(found.stored, nearest);
  const gain = 10 * Math.log10(errorOf(others, nearest) / errorOf(others, found.stored));
  assert.ok(gain > 3 && Math.abs(gain - (found.gain ?? 0)) < 1e-6, `${gain}, said ${found.gain}`);
});

test('what helps only the samples it was fitted to is refused: rounded to nearest, and the loss is told', () => {
  // Neighbours are alike on the samples that were fitted, and opposite on the others.
  const next = random(43);
  const pairs = (sign: number) =>
    Array.from({ length: 300 }, () => {
      const row = Float32Array.from({ length: 24 }, () => next());
      return row.map((x, k) => (k % 2 === 0 ? x : sign * row[k - 1]));
    });
  const { found, nearest } = layerBy(pairs(1), pairs(-1));
  assert.ok(!found.isKept && (found.gain ?? 0) < 0, `${found.gain}`);
  assert.deepEqual(found.stored, nearest);
});

test('where no sample was held out nothing is known, and weights are rounded to nearest', () => {
  const { found, nearest } = layerBy(rows(300, 24, 0.9, random(47)), []);
  assert.deepEqual(found, { stored: nearest, gain: undefined, isKept: false });
});
