// needs: c-compiler firmware
/** The MLPerf Tiny models cost at most 1 % more than recorded; `npm run bench:firmware` records what is better. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { measured, members, recorded } from './microcontrollers.js';

const costs = recorded();
test('costs are recorded', () => assert.ok(costs.length >= 5));

for (const before of costs)
  test(`${before.model} on ${before.target}`, (t) => {
    const now = measured(before.model, before.target);
    for (const member of members) {
      assert.ok(now[member] <= before[member] * 1.01, `${member}: ${now[member]}, recorded ${before[member]}`);
      if (now[member] < before[member] * 0.99) t.diagnostic(`${member} is better: npm run bench:firmware`);
    }
  });
