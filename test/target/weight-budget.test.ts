/** Larger weight forms are given up where they cost the least time per byte, until the program is small enough. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Kernel } from '../../src/program/program.js';
import { type WeightedLayer, withinWeightBudget } from '../../src/target/weight-budget.js';

function kernel(symbol: string): Kernel {
  return { isa: 'i', family: 'f', tile: 't', packing: 'plain', needs: [], slack: 0, scratch: '0', rate: 1, symbol };
}
const fast = kernel('fast');
const middle = kernel('middle');
const small = kernel('small');
const bytes = new Map([
  [fast, 800],
  [middle, 200],
  [small, 100],
]);

function layer(costs: readonly [number, number, number]): WeightedLayer {
  return {
    live: 100,
    stored: (k) => bytes.get(k) ?? 0,
    candidates: [fast, middle, small].map((k, i) => ({
      kernel: k,
      cost: costs[i],
      proofs: [],
      explanation: undefined,
      isMeasured: false,
    })),
  };
}

const names = (layers: ReadonlyMap<string, WeightedLayer>) =>
  Object.fromEntries([...withinWeightBudget(layers, 3)].map(([key, left]) => [key, left.map((c) => c.kernel.symbol)]));

test('a layer that gains less per byte gives way first', () => {
  const layers = new Map([
    ['hot', { ...layer([10, 1000, 2000]), live: 170 }],
    ['cold', layer([10, 30, 40])],
    ['idle', layer([10, 30, 2000])],
  ]);
  assert.deepEqual(names(layers), { cold: ['small'], idle: ['middle', 'small'] });
});

test('within the budget nothing is taken away', () => {
  assert.deepEqual(names(new Map([['only', { ...layer([10, 20, 30]), live: 300 }]])), {});
});

test('where even the smallest forms are too large, they stay', () => {
  assert.deepEqual(names(new Map([['only', { ...layer([10, 20, 30]), live: 1 }]])), { only: ['small'] });
});
