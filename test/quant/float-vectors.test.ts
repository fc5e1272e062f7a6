/**
 * The float functions against results of mpmath (60 digits, rounded once), stored by float-vectors.py. All are right
 * to the last bit (mpmath has one zero, so its sign is left to the twins' test): at an error of 2^-50 before rounding, a wrong
 * one among so few would be a bug. Sigmoids and erf are float32 arithmetic (decisions 0058, 0065): within 2 floats, a sigmoid 0 in
 * place of subnormals.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { floatType, type Tensor } from '../../src/ir/type.js';
import { activation } from '../../src/ops/activation/op.js';
import { unary } from '../../src/ops/unary/op.js';
import { pow32 } from '../../src/quant/math.js';

const lines = readFileSync(new URL('float-vectors.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n');

function ofBits(hex: string): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, Number.parseInt(hex, 16));
  return view.getFloat32(0);
}

/** How many floats y lies away from the right one. */
function floatsApart(y: number, right: number): number {
  const view = new DataView(new ArrayBuffer(8));
  if (y !== 0 && y < 0 !== right < 0) return Number.POSITIVE_INFINITY;
  view.setFloat32(0, Math.abs(y));
  view.setFloat32(4, Math.abs(right));
  return Math.abs(view.getUint32(0) - view.getUint32(4));
}

function applied(name: string, alpha: number, beta: number, x: number, y: number): number {
  const operand: Tensor = { type: floatType([1]), data: Float32Array.of(x) };
  if (name === 'pow') return pow32(x, y);
  const plain = unary.attrs.fn.find((fn) => fn === name);
  if (plain !== undefined) return Number(unary.evaluate({ fn: plain }, [operand], [floatType([1])])[0].data[0]);
  const fn = activation.attrs.fn.find((f) => f === name);
  assert.ok(fn !== undefined, `no function ${name}`);
  return Number(activation.evaluate({ fn, alpha, beta }, [operand], [floatType([1])])[0].data[0]);
}

const byName = new Map<string, number[][]>();
for (const line of lines) {
  const [name, ...bits] = line.split(' ');
  byName.set(name, [...(byName.get(name) ?? []), bits.map(ofBits)]);
}

for (const [name, rows] of byName) {
  const isNear = name === 'sigmoid' || name === 'erf';
  test(isNear ? `${name} is within 2 floats` : `${name} is rounded correctly`, () => {
    for (const row of rows) {
      const [alpha, beta, x, y] = row;
      const got = applied(name, alpha, beta, x, y);
      const exact = row[row.length - 1];
      const right = name === 'sigmoid' && exact < 2 ** -126 ? 0 : exact;
      assert.ok(
        isNear ? floatsApart(got, right) <= 2 : got === right,
        `${name}(${row.slice(2, -1)}) is ${got}, not ${exact}`,
      );
    }
  });
}
