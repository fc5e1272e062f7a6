/** The gates' rational functions against Math: the accuracy that gates.ts promises; their bits are compared with C in the ops' samples. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { gateSigmoid, gateTanh } from '../../src/quant/gates.js';

const BOUND = 2 ** -22;

test('sigmoid and tanh are within 2^-22, monotone at their ends, NaN for NaN', () => {
  for (let x = -30; x < 30; x += 0.0137) {
    const f = Math.fround(x);
    assert.ok(Math.abs(gateTanh(f) - Math.tanh(f)) < BOUND, `tanh ${f}`);
    assert.ok(Math.abs(gateSigmoid(f) - 1 / (1 + Math.exp(-f))) < BOUND, `sigmoid ${f}`);
  }
  for (const x of [Number.NEGATIVE_INFINITY, -3e38, -100]) {
    assert.ok(gateSigmoid(x) >= 0 && gateSigmoid(x) < 1e-7);
    assert.ok(gateTanh(x) >= -1.0000001 && gateTanh(x) < -0.9999999);
  }
  for (const x of [Number.POSITIVE_INFINITY, 3e38, 100]) {
    assert.ok(gateSigmoid(x) <= 1 && gateSigmoid(x) > 1 - 1e-7);
    assert.ok(gateTanh(x) <= 1.0000001 && gateTanh(x) > 0.9999999);
  }
  assert.ok(Number.isNaN(gateSigmoid(Number.NaN)) && Number.isNaN(gateTanh(Number.NaN)));
});
