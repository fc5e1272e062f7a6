/** Orders of channels in which more steps of four inputs fit 16 bits. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { quantType, type Tensor, unitAffine } from '../../src/ir/type.js';
import { octPlan } from '../../src/program/octs.js';
import { quadOrder } from '../../src/program/quad-order.js';
import { wholeNumbers } from '../onnx/tiny-models.js';

function pointwise(oc: number, c: number, value: (o: number, i: number) => number): Tensor {
  const data = Int8Array.from({ length: oc * c }, (_, at) => value(Math.floor(at / c), at % c));
  return { type: quantType('s8', [oc, 1, 1, c], unitAffine, [-128, 127]), data };
}

const plainSteps = (w: Tensor): number => {
  const { plainOcts, plainAlone } = octPlan(w, 1);
  return 2 * plainOcts + plainAlone;
};

function gathered(w: Tensor, order: readonly number[]): Tensor {
  const c = order.length;
  return pointwise(w.type.shape[0], c, (o, i) => Number(w.data[o * c + order[i]]));
}

test('large weights meet small ones: every step is plain in the order found', () => {
  const w = pointwise(32, 32, (o, i) => (i < 16 ? 120 : 5) * ((o + i) % 3 === 0 ? -1 : 1));
  const order = quadOrder(w);
  assert.ok(order !== undefined);
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    Array.from(order.keys()),
  );
  assert.ok(plainSteps(w) < 16);
  assert.equal(plainSteps(gathered(w, order)), 16);
});

test('of weights of any size more steps are plain than before, and the same order is found each time', () => {
  const values = wholeNumbers(64 * 64, 5, -100, 100);
  const w = pointwise(64, 64, (o, i) => values[o * 64 + i] * (values[o * 64 + i] % 3 === 0 ? 1 : 0.5));
  const order = quadOrder(w);
  assert.ok(order !== undefined);
  assert.ok(plainSteps(gathered(w, order)) >= plainSteps(w) + 7);
  assert.deepEqual(quadOrder(w), order);
});

test('none where all steps are plain, where no order helps, and where the shape does not suit', () => {
  assert.equal(quadOrder(pointwise(16, 16, () => 3)), undefined);
  assert.equal(quadOrder(pointwise(16, 16, () => 100)), undefined);
  assert.equal(quadOrder(pointwise(16, 18, (_, i) => (i < 9 ? 120 : 5))), undefined);
  assert.equal(quadOrder(pointwise(33 * 16, 16, (_, i) => (i < 8 ? 120 : 5))), undefined);
});
