// needs: c-compiler firmware
/** The MLPerf Tiny models cost at most 1 % more than recorded; `npm run bench:firmware` records what is better. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { type Cost, measured, members, recorded } from './microcontrollers.js';

/** These share the kernels of mcu32: one model on one core stands for all; the full run measures every one. */
const withoutVectors = ['cortex-m3', 'cortex-m0plus', 'riscv32'];
const isDaily = ({ model, target }: Cost): boolean =>
  !withoutVectors.includes(target) || (model === 'kws' && target === 'cortex-m3');

const all = recorded();
const costs = process.env.QCC_FULL === undefined ? all.filter(isDaily) : all;
test('costs are recorded', () => assert.ok(costs.length >= 11));

/** Bytes of arena and of stack beyond 512, on any core: what was asked for. */
const memory: Readonly<Record<string, number>> = { ad: 800, sww: 8000, kws: 16000, ic: 34000, vww: 55300 };

for (const before of costs)
  test(`${before.model} on ${before.target}`, (t) => {
    const now = measured(before.model, before.target);
    const taken = now.arena_bytes + Math.max(0, now.stack_bytes - 512);
    const most = memory[before.model];
    assert.ok(taken <= most, `${taken} bytes of arena and stack, ${most} are allowed`);
    for (const member of members) {
      assert.ok(now[member] <= before[member] * 1.01, `${member}: ${now[member]}, recorded ${before[member]}`);
      if (now[member] < before[member] * 0.99) t.diagnostic(`${member} is better: npm run bench:firmware`);
    }
  });
