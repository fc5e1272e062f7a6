/** Weights in pairs that fit 16 bits: what the packed bytes multiply is the graph's weights, and no pair can overflow. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { unpackQuads } from '../../src/audit/unpack-quads.js';
import { quantType, type Tensor, unitAffine } from '../../src/ir/type.js';
import { packedBytes, packTensor, parsePacking } from '../../src/program/packing.js';
import { pairsOf } from '../../src/program/quad-pairs.js';
import { quadPlan, quadStride } from '../../src/program/quads.js';

type Dims = readonly [number, number, number, number];
const count = (shape: Dims) => shape.reduce((a, b) => a * b, 1);
const weights = (shape: Dims, value: (i: number) => number): Tensor => ({
  type: quantType('s8', shape, unitAffine, [-128, 127]),
  data: Int8Array.from({ length: count(shape) }, (_, i) => value(i)),
});
/** As u8 weights with a zero point are. */
const wide = (shape: Dims, value: (i: number) => number): Tensor => ({
  type: quantType('s16', shape, unitAffine, [-32768, 32767]),
  data: Int16Array.from({ length: count(shape) }, (_, i) => value(i)),
});

/** Uniform in [0, 1), by a linear congruence. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
}

/** Sums of four uniform values: about a normal distribution, cut at 127. */
function bell(seed: number, spread: number): () => number {
  const next = random(seed);
  return () => Math.max(-127, Math.min(127, Math.round(spread * (next() + next() + next() + next() - 2))));
}

const packing = (groups: number) => {
  const found = parsePacking('nr16_quads_s8_xu8', groups);
  assert.ok(found !== undefined);
  return found;
};

const uniform = random(3);
const small = bell(7, 40);
const cases: readonly (readonly [string, Tensor, number])[] = [
  ['bell, 64 inputs', weights([384, 1, 1, 64], bell(1, 70)), 1],
  ['bell, 3x3', weights([40, 3, 3, 48], bell(2, 60)), 1],
  ['two groups, odd sizes', weights([42, 1, 1, 37], bell(4, 75)), 2],
  ['few inputs', weights([5, 1, 1, 3], bell(5, 90)), 1],
  ['any bytes', weights([33, 1, 1, 50], () => Math.floor(uniform() * 256) - 128), 1],
  ['all -128', weights([17, 1, 1, 32], () => -128), 1],
  ['all 127', weights([16, 1, 1, 20], () => 127), 1],
  ['some beyond s8', wide([48, 1, 1, 96], (i) => (i % 331 === 0 ? -200 : i % 457 === 0 ? 254 : small())), 1],
  [
    'the least and the largest in one block, two groups',
    wide([34, 1, 1, 20], (i) => [-256, 254, 3, -7][i % 20] ?? 0),
    2,
  ],
  ['too many beyond s8', wide([16, 1, 1, 64], () => 140), 1],
  ['more than two s8', wide([16, 1, 1, 64], (i) => (i === 9 ? 255 : 1)), 1],
  ['one large pair', weights([16, 1, 1, 64], (i) => (i < 2 ? 127 : i % 7)), 1],
];

test('the places of a weight sum up to it, pairs stay within 128, and the bytes are as many as was said', () => {
  for (const [name, w, groups] of cases) {
    const [oc, kh, kw, cg] = w.type.shape;
    const { bytes } = packTensor(w, packing(groups));
    assert.equal(bytes.length, packedBytes(w, packing(groups)), name);
    const plan = quadPlan(w, groups);
    if (!plan.fits) continue;
    const back = unpackQuads(new Int8Array(bytes.buffer), { oc, kh, kw, cg, groups });
    assert.ok(typeof back !== 'string', `${name}: ${String(back)}`);
    assert.deepEqual([...back.weights], [...w.data], name);
    assert.ok(back.largestPair <= 128, `${name}: ${back.largestPair}`);
  }
  const tooMany = cases.filter(([, w, groups]) => !quadPlan(w, groups).fits).map(([name]) => name);
  assert.deepEqual(tooMany, ['all -128', 'too many beyond s8', 'more than two s8']);
});

test('steps of the last 16 inputs that hold none are left out', () => {
  const plan = quadPlan(weights([64, 7, 7, 3], bell(8, 25)), 1);
  assert.deepEqual([plan.steps, plan.extraSteps], [4 * 37, 0]);
});

test('a weight beyond s8 costs one extra step', () => {
  const plan = quadPlan(
    wide([32, 1, 1, 64], (i) => (i === 70 ? -139 : (i % 64) - 32)),
    1,
  );
  assert.deepEqual([plan.fits, plan.extraSteps, plan.unsafe], [true, plan.together, 1 / 32]);
});

test('weights that convolutions of one and of two groups share are packed for each', () => {
  const w = weights([42, 1, 1, 37], bell(4, 75));
  for (const groups of [1, 2]) {
    const { bytes } = packTensor(w, packing(groups));
    const back = unpackQuads(new Int8Array(bytes.buffer), { oc: 42, kh: 1, kw: 1, cg: 37, groups });
    assert.ok(typeof back !== 'string', `${groups} groups: ${String(back)}`);
    assert.deepEqual([...back.weights], [...w.data], `${groups} groups`);
  }
});

test('a part of the output channels has its weights in a distance that is the same for all groups of panels', () => {
  for (const [name, w, groups] of cases) {
    const [oc, kh, kw, cg] = w.type.shape;
    const plan = quadPlan(w, groups);
    const unit = 16 * plan.together;
    if (groups > 1 || !plan.fits || oc <= unit) continue;
    const { bytes } = packTensor(w, packing(1));
    const rest = new Int8Array(bytes.slice(quadStride(plan)).buffer);
    const back = unpackQuads(rest, { oc: oc - unit, kh, kw, cg, groups: 1 });
    assert.ok(typeof back !== 'string', `${name}: ${String(back)}`);
    assert.deepEqual([...back.weights], [...w.data].slice(unit * kh * kw * cg), name);
    assert.equal(quadStride(plan) % Math.max(64, unit), 0, name);
  }
  assert.ok(cases.some(([, w, groups]) => groups === 1 && 16 * quadPlan(w, 1).together < w.type.shape[0]));
});

test('pairs are found where many places conflict, by exchange with other blocks too, and hardly an extra step is left', () => {
  const plan = quadPlan(weights([384, 1, 1, 64], bell(1, 70)), 1);
  assert.ok(plan.unsafe > 0.5, String(plan.unsafe));
  assert.ok(plan.extraSteps < 0.03 * plan.steps, `${plan.extraSteps} of ${plan.steps}`);
  const large = quadPlan(
    weights([16, 1, 1, 64], (i) => (i < 2 ? 127 : i % 7)),
    1,
  );
  assert.deepEqual([large.unsafe, large.extraSteps, large.steps], [1 / 16, 0, 16]);
  // Of the first 16 inputs no two may meet, of the others any.
  const block = quadPlan(
    weights([16, 1, 1, 64], (i) => (i % 64 < 16 ? 127 : 1)),
    1,
  );
  assert.deepEqual([block.extraSteps, block.steps], [0, 16]);
});

test('a matching: the order as it is where that will do, else every place once, and a perfect one in a cycle', () => {
  assert.deepEqual([...pairsOf(new Uint16Array(16))], [...Array(16).keys()]);
  // Place i may only meet its two neighbours in a cycle; places 2n and 2n + 1 conflict.
  const conflicts = Uint16Array.from({ length: 16 }, (_, i) => {
    const partner = i % 2 === 0 ? (i + 15) % 16 : (i + 1) % 16;
    return 0xffff & ~(1 << partner) & ~(1 << i);
  });
  const order = [...pairsOf(conflicts)];
  assert.deepEqual(
    order.toSorted((a, b) => a - b),
    [...Array(16).keys()],
  );
  for (let p = 0; p < 16; p += 2) assert.equal((conflicts[order[p]] >> order[p + 1]) & 1, 0);
});

test('the audit reads a pair that overflows, though the weights are right, and indices that lead out of the row', () => {
  const w = weights([32, 1, 1, 64], bell(9, 100));
  const [oc, kh, kw, cg] = w.type.shape;
  const { bytes } = packTensor(w, packing(1));
  const shape = { oc, kh, kw, cg, groups: 1 };
  const view = new DataView(bytes.buffer);
  const steps = 16;
  const list = 64 + 64;
  const moves = Array.from({ length: view.getInt32(16, true) }, (_, m) => ({
    place: view.getInt32(list + 8 * m, true),
    input: view.getInt32(list + 8 * m + 4, true),
  }));
  const extra = moves.find(({ place }) => place >= 4 * steps);
  assert.ok(extra !== undefined && moves[0].place < 4 * steps, JSON.stringify(moves));
  const read = (edit: (copy: Int8Array) => void) => {
    const copy = new Int8Array(bytes.slice().buffer);
    edit(copy);
    return unpackQuads(copy, shape);
  };
  // What an extra step holds of an input, moved back to where the input lies in the order.
  const inputs = [...bytes.subarray(64, list)].map((place, i) => i - (i % 16) + place);
  for (const { place, input } of moves) if (place < inputs.length) inputs[place] = input;
  const first = 64 + Math.ceil((64 + 8 * moves.length) / 64) * 64;
  const at = (place: number) => first + Math.floor(place / 4) * 64 + (place % 4);
  const moved = read((copy) => {
    for (let o = 0; o < 16; o++) {
      copy[at(inputs.indexOf(extra.input)) + 4 * o] += copy[at(extra.place) + 4 * o];
      copy[at(extra.place) + 4 * o] = 0;
    }
  });
  assert.ok(typeof moved !== 'string' && moved.largestPair > 128);
  assert.deepEqual([...moved.weights], [...w.data]);
  assert.equal(
    read((copy) => copy.fill(16, 64, 65)),
    'index 16 of 16 inputs',
  );
  assert.equal(
    read((copy) => copy.fill(64, list + 4, list + 5)),
    'input 64 is moved',
  );
  assert.match(String(read((copy) => copy.fill(127, list, list + 1))), /^input \d+ is moved to 127$/);
  assert.match(String(read((copy) => copy.fill(9, 0, 1))), /^9 extra steps, there is room for 8$/);
  assert.match(String(unpackQuads(new Int8Array(bytes.buffer, 0, bytes.length - 64), shape)), /missing/);
  const two = packTensor(weights([320, 1, 1, 64], bell(9, 100)), packing(1)).bytes;
  const again = new Int8Array(two.slice().buffer);
  const apart = new DataView(again.buffer).getInt32(8, true);
  assert.ok(apart < again.length);
  again[apart + 4]++;
  assert.equal(unpackQuads(again, { ...shape, oc: 320 }), 'groups of panels differ in how they begin');
});
