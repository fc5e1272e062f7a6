/** Measured times in the place of estimates: what they are of, and which candidate they make win. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Kernel } from '../../src/program/program.js';
import { cheapest } from '../../src/target/choose.js';
import { shapeClass, withTimes } from '../../src/target/costs.js';

function kernel(symbol: string): Kernel {
  return { isa: 'i', family: 'f', tile: 't', packing: 'plain', needs: [], slack: 0, scratch: '0', rate: 1, symbol };
}
const candidates = [10, 20, 30].map((cost, i) => ({
  kernel: kernel(`k${i}`),
  cost,
  proofs: [],
  explanation: undefined,
  isMeasured: false,
}));

function winner(times: Readonly<Record<string, number>>) {
  const choice = cheapest(withTimes(candidates, new Map(Object.entries(times))), []);
  assert.ok(choice.kernel !== undefined);
  return { symbol: choice.kernel.symbol, isTuned: choice.isTuned, refused: choice.refused };
}

test('the class of a step names family, shapes and flags, without what is 0', () => {
  const params = { h: 4, pad: 0, eps: { f32: 0.5 }, kind: { out: 0, proved: 1 } };
  assert.equal(shapeClass({ kernel: kernel('k'), params }), 'f h=4 eps.f32=0.5 kind.proved=1');
});

test('without times the estimate decides', () => {
  assert.equal(withTimes(candidates, undefined), candidates);
  assert.equal(withTimes(candidates, new Map([['other', 1]])), candidates);
  const { symbol: best, isTuned, refused } = winner({});
  assert.deepEqual([best, isTuned], ['k0', false]);
  assert.match(refused[0].why, /^estimated 20 cycles, the chosen one 10$/);
  const [first, second] = candidates;
  const told = cheapest([first, { ...second, explanation: 'because' }], []);
  assert.equal(told.refused[0].why, 'estimated 20 cycles (because), the chosen one 10');
});

test('with times the fastest wins, and the report says so', () => {
  const { symbol: best, isTuned, refused } = winner({ k0: 3000, k1: 2000, k2: 2500 });
  assert.deepEqual([best, isTuned], ['k1', true]);
  assert.deepEqual(
    refused.map((r) => `${r.kernel}: ${r.why}`),
    ['k0: measured 3.000 us, the chosen one 2.000', 'k2: measured 2.500 us, the chosen one 2.000'],
  );
});

test('what nobody measured stays behind what somebody did, the better estimate first', () => {
  const { symbol: best, refused } = winner({ k2: 1_000_000 });
  assert.equal(best, 'k2');
  assert.match(refused[0].why, /by measurement$/);
  const [first, second] = withTimes(candidates, new Map([['k2', 1_000_000]]));
  assert.ok(first.cost < second.cost && !first.isMeasured);
});
