/** The short forms of a layer's constants say what the long one says; and when ties of a sum may be left to the rounding. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor } from '../../src/ir/type.js';
import { perTensor, quantType } from '../../src/ir/type.js';
import { tiesShow } from '../../src/ops/add-fixed/op.js';
import { channelConstants } from '../../src/ops/conv2d-requant/constants.js';
import type { Kernel } from '../../src/program/program.js';

const kernel = (packing: string, ...needs: string[]): Kernel => ({
  family: 'conv2d_q8',
  tile: 't',
  isa: 'i',
  symbol: 's',
  packing,
  needs,
  slack: 0,
  scratch: '0',
  rate: 1,
});
const s32 = (shape: readonly number[], values: readonly number[]): Tensor => ({
  type: { kind: 'index', element: 's32', shape },
  data: Int32Array.from(values),
});
const biases = [-8388607, 8388607, -1, 0, 12345];
const pairs = [1 << 30, -1, 2 ** 31 - 1, -20, 1518500250, -7, 1 << 30, -8, 1234567890, -9];

test('joined: multiplier, bias * 256 + right, whole tiles', () => {
  const { form, bias, scale } = channelConstants(
    kernel('nr2_kr4_s8', 'ANY_CONSTANTS'),
    s32([5], biases),
    s32([5, 2], pairs),
    true,
  );
  assert.deepEqual([form, bias, scale.type.shape], [1, undefined, [6, 2]]);
  for (const [o, value] of biases.entries()) {
    const word = Number(scale.data[2 * o + 1]);
    assert.deepEqual([Number(scale.data[2 * o]), word >> 8, -(word & 255)], [pairs[2 * o], value, pairs[2 * o + 1]]);
  }
});

test('apart where a bias or a shift has no room, where a shift is not to the right, and for kernels that know no other form', () => {
  const any = kernel('nr2_kr4_s8', 'ANY_CONSTANTS');
  const far = pairs.with(1, -21);
  assert.equal(channelConstants(any, s32([5], biases.with(0, 2 ** 23)), s32([5, 2], pairs), true).form, 0);
  assert.equal(channelConstants(any, s32([5], biases), s32([5, 2], far), true).form, 0);
  assert.equal(channelConstants(any, s32([5], biases), s32([5, 2], pairs), false).form, 0);
  const old = channelConstants(kernel('nr2_kr4_s8'), s32([5], biases), s32([5, 2], pairs), true);
  assert.deepEqual([old.form, old.bias?.type.shape, old.scale.type.shape], [undefined, [6], [6, 2]]);
});

test('one scale of all channels is stored once for layers of one pixel', () => {
  const same = [1518500250, -7, 1518500250, -7, 1518500250, -7, 1518500250, -7, 1518500250, -7];
  const row = kernel('nr4_kr4_s8', 'ONE_PIXEL', 'ANY_CONSTANTS');
  const { form, bias, scale } = channelConstants(row, s32([5], biases), s32([5, 2], same), true);
  assert.deepEqual([form, bias?.type.shape, [...scale.data]], [2, [8], [1518500250, -7]]);
  assert.equal(channelConstants(row, s32([5], biases), s32([5, 2], pairs), true).form, 1);
});

test('ties of a sum: equal power-of-two scales tie, the clamp may hide it, odd scales do not tie', () => {
  const s8 = (scale: number, zero: number) => quantType('s8', [4], perTensor(scale, zero));
  assert.equal(tiesShow(false, s8(0.5, 0), s8(0.5, 0), s8(1, 0)), true);
  assert.equal(tiesShow(false, s8(0.5, 0), s8(0.5, 0), s8(1, -128)), false);
  assert.equal(tiesShow(true, s8(0.5, 0), s8(0.5, 0), s8(1, 3)), true);
  assert.equal(tiesShow(false, s8(0.0371, -5), s8(0.0523, 9), s8(0.0911, 4)), false);
});
