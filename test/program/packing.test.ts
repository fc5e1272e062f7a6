/** Packed weights, read back with the index formula of each layout's definition, and the bias of `_xs8` and `_xu8` kernels. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { unpack } from '../../src/audit/unpack.js';
import type { Tensor } from '../../src/ir/type.js';
import { biasForPacking, packedBytes, packTensor, parsePacking, zeroPoints } from '../../src/program/packing.js';

const stored = (shape: readonly number[], element: 's8' | 's16' | 's4', value: (i: number) => number): Tensor => {
  const count = shape.reduce((a, b) => a * b, 1);
  return {
    type: { kind: 'quant', element, shape, affine: { per: 'tensor', scale: 1, zeroPoint: 0 }, range: [-32768, 32767] },
    data: new (element === 's16' ? Int16Array : Int8Array)(Array.from({ length: count }, (_, i) => value(i))),
  };
};
const s32 = (values: readonly number[]): Tensor => ({
  type: { kind: 'index', element: 's32', shape: [values.length] },
  data: Int32Array.from(values),
});

test('nr4_kr16_s8: panels of 4 channels, steps of 16 k, zeros where the tile overhangs', () => {
  const [oc, k] = [6, 18];
  const w = stored([oc, 1, 1, k], 's8', (i) => (i % 251) - 125);
  const packing = parsePacking('nr4_kr16_s8_xs8');
  assert.ok(packing !== undefined);
  const { element, bytes } = packTensor(w, packing);
  assert.equal(element, 's8');
  assert.equal(bytes.length, 2 * 2 * 4 * 16);
  const read = new Int8Array(bytes.buffer);
  for (let o = 0; o < 8; o++)
    for (let i = 0; i < 32; i++) {
      const at = ((Math.floor(o / 4) * 2 + Math.floor(i / 16)) * 4 + (o % 4)) * 16 + (i % 16);
      assert.equal(read[at], o < oc && i < k ? Number(w.data[o * k + i]) : 0, `channel ${o}, k ${i}`);
    }
});

test('nr4n_kr4_s8: a last panel as narrow as what channels are left, and what the audit reads back', () => {
  const [oc, k, groups] = [12, 6, 2];
  const w = stored([oc, 1, 1, k], 's8', (i) => i - 36);
  const packing = parsePacking('nr4n_kr4_s8', groups);
  assert.ok(packing !== undefined);
  const { bytes } = packTensor(w, packing);
  assert.equal(packedBytes(w, packing), bytes.length);
  const read: Int8Array = Int8Array.from(bytes);
  // Of a group's six channels four in the first panel, two in the second, two steps each.
  for (let o = 0; o < oc; o++)
    for (let i = 0; i < 8; i++) {
      const inGroup = o % 6;
      const wide = inGroup < 4 ? 4 : 2;
      const at = (o - (inGroup % 4)) * 8 + Math.floor(i / 4) * wide * 4 + (inGroup % 4) * 4 + (i % 4);
      assert.equal(read[at], i < k ? w.data[o * k + i] : 0, `channel ${o}, k ${i}`);
    }
  assert.equal(bytes.length, oc * 8);
  const shape = { oc, kh: 1, kw: 1, cg: k, groups };
  assert.deepEqual(unpack('nr4n_kr4_s8', read, shape), Float64Array.from(w.data, Number));
  read[oc * 8 - 1] = 3;
  assert.equal(unpack('nr4n_kr4_s8', read, shape), 'padding holds 3, not 0');
});

test('nr4g_kr2_s16: panels that go on from group to group, and what the audit reads back', () => {
  const [oc, k, groups] = [6, 4, 3];
  const w = stored([oc, 1, 1, k], 's16', (i) => 300 - i);
  const packing = parsePacking('nr4g_kr2_s16', groups);
  assert.ok(packing !== undefined);
  const { bytes } = packTensor(w, packing);
  assert.equal(packedBytes(w, packing), bytes.length);
  const read = new Int16Array(bytes.buffer);
  for (let o = 0; o < 8; o++)
    for (let i = 0; i < k; i++) {
      const at = (Math.floor(o / 4) * 2 + Math.floor(i / 2)) * 8 + (o % 4) * 2 + (i % 2);
      assert.equal(read[at], o < oc ? w.data[o * k + i] : 0, `channel ${o}, k ${i}`);
    }
  const shape = { oc, kh: 1, kw: 1, cg: k, groups };
  assert.deepEqual(unpack('nr4g_kr2_s16', read, shape), Float64Array.from(w.data, Number));
});

test('columns4_s8: steps of a column of four rows, of more columns where fewer rows are left, and what the audit reads back', () => {
  const packing = parsePacking('columns4_s8_xu8');
  assert.ok(packing !== undefined);
  const w = stored([2, 5, 5, 1], 's8', (i) => i + 1);
  const { bytes } = packTensor(w, packing);
  assert.equal(packedBytes(w, packing), bytes.length);
  // Steps of rows 0 to 3, then row 4 alone: its columns 0 to 3, and column 4.
  const ofFirst = [0, 1, 2, 3, 4].flatMap((kx) => [0, 1, 2, 3].map((ky) => 5 * ky + kx + 1));
  assert.deepEqual([...bytes.subarray(0, 28)], [...ofFirst, 21, 22, 23, 24, 25, 0, 0, 0]);
  for (const [kh, kw] of [
    [1, 9],
    [2, 3],
    [3, 3],
    [4, 1],
    [6, 5],
    [10, 4],
  ]) {
    const weights = stored([3, kh, kw, 1], 's8', (i) => (i % 251) - 125);
    const { bytes: raw } = packTensor(weights, packing);
    const packed: Int8Array = Int8Array.from(raw);
    assert.equal(packed.length, packedBytes(weights, packing));
    const shape = { oc: 3, kh, kw, cg: 1, groups: 1 };
    assert.deepEqual(unpack('columns4_s8_xu8', packed, shape), Float64Array.from(weights.data, Number));
    assert.equal(typeof unpack('columns4_s8_xu8', packed.subarray(1), shape), 'string');
    if (packed.length === weights.data.length) continue;
    packed[packed.length - 1] = 1;
    assert.equal(unpack('columns4_s8_xu8', packed, shape), 'padding holds 1, not 0');
  }
});

test('nr16_kr4_s8z: zero points of the channels whose weights do not fit s8, and what the audit reads back', () => {
  const [oc, cells, groups] = [40, 10, 2];
  const value = (i: number) => {
    const o = Math.floor(i / cells);
    return ((i * 37) % 101) - 50 + (o === 3 ? -140 : o === 27 ? 200 : 0);
  };
  const w = stored([oc, 1, 1, cells], 's16', value);
  const packing = parsePacking('nr16_kr4_s8z_xu8', groups);
  assert.ok(packing !== undefined);
  const { element, bytes } = packTensor(w, packing);
  assert.deepEqual([element, bytes.length], ['s8', groups * 2 * (64 + 3 * 64)]);
  assert.equal(packedBytes(w, packing), bytes.length);
  const view = new DataView(bytes.buffer);
  // Channel 27 is the eighth of the second group.
  const zeros = [0, 2].map((panel) => Array.from({ length: 16 }, (_, n) => view.getInt32(panel * 256 + 4 * n, true)));
  const ofChannel = (o: number) => Array.from({ length: cells }, (_, i) => value(o * cells + i));
  const least = Math.min(...ofChannel(3));
  const largest = Math.max(...ofChannel(27));
  assert.ok(least < -128 && largest > 127);
  assert.deepEqual(zeros[0], [0, 0, 0, -128 - least, ...Array(12).fill(0)]);
  assert.deepEqual(zeros[1], [0, 0, 0, 0, 0, 0, 0, 127 - largest, ...Array(8).fill(0)]);
  const shape = { oc, kh: 1, kw: 1, cg: cells, groups };
  const read = unpack('nr16_kr4_s8z_xu8', new Int8Array(bytes.buffer), shape);
  assert.ok(read !== undefined && typeof read !== 'string', String(read));
  assert.deepEqual([...read], [...w.data]);
  assert.match(String(unpack('nr16_kr4_s8z_xu8', new Int8Array(bytes.buffer, 0, 1000), shape)), /1024 are needed/);
  assert.equal(zeroPoints(stored([2, 1, 1, 2], 's16', (i) => [0, 255, -1, 255][i])), undefined);
});

test('rows: multiples of 8 values, two to a byte where they have 4 bits', () => {
  const [n, k] = [3, 11];
  const value = (i: number) => (i % 15) - 7;
  const w = stored([n, k], 's8', value);
  const wide = packTensor(w, { kind: 'rows' }).bytes;
  const nibbles = packTensor(stored([n, k], 's4', value), { kind: 'rows' }).bytes;
  assert.deepEqual([wide.length, nibbles.length], [n * 16, n * 8]);
  for (let r = 0; r < n; r++)
    for (let i = 0; i < 16; i++) {
      const want = i < k ? Number(w.data[r * k + i]) : 0;
      assert.equal(new Int8Array(wide.buffer)[16 * r + i], want);
      assert.equal((nibbles[8 * r + (i >> 1)] >> (4 * (i % 2))) & 15, want & 15);
    }
});

test('a suffix _xs8 or _xu8 is read apart from the layout', () => {
  assert.deepEqual(parsePacking('hwc_s8_xu8'), { kind: 'hwc', element: 's8', x: 'u8' });
  assert.deepEqual(parsePacking('hwc_s8_xs8'), { kind: 'hwc', element: 's8', x: 's8' });
  assert.deepEqual(parsePacking('hwc_s8'), { kind: 'hwc', element: 's8', x: 'stored' });
  assert.equal(parsePacking('_xs8'), undefined);
  assert.equal(parsePacking('plain_xs8'), undefined);
});

test('a sum over x - 128 (x + 128) with the shifted bias is the sum over x, modulo 2^32', () => {
  const [oc, k] = [3, 40];
  const w = stored([oc, 2, 2, k / 4], 's8', (i) => ((i * 89) % 256) - 128);
  const bias = s32([7, -2147483648, 2147483647]);
  const packed = (name: string, element: 's8' | 'u8') => {
    const packing = parsePacking(name);
    assert.ok(packing !== undefined);
    return biasForPacking(w, bias, packing, element);
  };
  for (const [name, element, minus] of [
    ['nr4_kr16_s8_xs8', 'u8', 128],
    ['nr16_kr4_s8_xu8', 's8', -128],
  ] as const) {
    const low = element === 's8' ? -128 : 0;
    const x = Array.from({ length: k }, (_, i) => low + ((i * 57) % 256));
    const shifted = packed(name, element);
    for (let o = 0; o < oc; o++) {
      const dot = (less: number) => x.reduce((sum, v, i) => sum + (v - less) * Number(w.data[o * k + i]), 0);
      assert.equal((Number(shifted.data[o]) + dot(minus)) | 0, (Number(bias.data[o]) + dot(0)) | 0);
      assert.notEqual(shifted.data[o], bias.data[o]);
    }
  }
  assert.equal(packed('nr4_kr16_s8_xs8', 's8'), bias);
  assert.equal(packed('nr16_kr4_s8_xu8', 'u8'), bias);
  assert.equal(packed('nr16_kr4_s8', 's8'), bias);
});

test('nr2_kr2k_s8: two k of two channels, k before the channel; an odd k ends in zeros', () => {
  const w = stored([3, 1, 1, 3], 's8', (i) => i + 1);
  const packing = parsePacking('nr2_kr2k_s8');
  assert.ok(packing !== undefined);
  const { bytes } = packTensor(w, packing);
  // Channels hold 1 2 3, 4 5 6 and 7 8 9; the fourth is not there.
  assert.deepEqual([...bytes], [1, 4, 2, 5, 3, 6, 0, 0, 7, 0, 8, 0, 9, 0, 0, 0]);
});
