/** Linear forms of sums: looked for where one must exist and where none can, and compared with the sum for every pair. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { perTensor, quantType } from '../../src/ir/type.js';
import { linearForm } from '../../src/ops/add-fixed/linear.js';
import { storedSum } from '../../src/ops/add-fixed/op.js';
import { type LinearSum, linearSum } from '../../src/quant/linear-sum.js';

const byte = (element: 's8' | 'u8', scale: number, zero: number, range?: readonly [number, number]) =>
  quantType(element, [1], perTensor(scale, zero), range);

test('the linear form has the sum of every pair of bytes, and stays within 32 bits', () => {
  for (const [subtract, a, b, y] of [
    [false, byte('s8', 0.03939355, -128), byte('s8', 0.10419496, 4), byte('s8', 0.050945673, -128)],
    [true, byte('s8', 0.011328947, 7), byte('u8', 0.029718263, 200), byte('s8', 0.020433191, -3, [-3, 100])],
    // Every second sum is a tie: away from zero on both sides.
    [false, byte('s8', 0.5, 0), byte('s8', 0.5, 0), byte('s8', 1, -3)],
    [true, byte('u8', 0.25, 128), byte('u8', 0.5, 3), byte('u8', 1, 127)],
  ] as const) {
    const form: LinearSum | undefined = linearForm(subtract, a, b, y);
    assert.ok(form !== undefined, JSON.stringify([a.affine, b.affine]));
    const sum = storedSum({ subtract, powers: false }, a, b, y);
    const [p0, q0] = [a, b].map((t) => (t.element === 's8' ? -128 : 0));
    for (let i = 0; i < 65536; i++) {
      const [p, q] = [p0 + (i >> 8), q0 + (i & 255)];
      const partial: readonly number[] = [
        p * form.a,
        q * form.b,
        p * form.a + form.constant,
        q * form.b + form.constant,
      ];
      const whole: number = p * form.a + q * form.b + form.constant;
      assert.ok([...partial, whole].every((v) => v === (v | 0)));
      assert.equal(Math.max(y.range[0], Math.min(y.range[1], whole >> form.shift)), sum(p, q), `${p} ${q}`);
    }
  }
});

test('no form where scales are too far apart for 32 bits, the formula rounds ties by chance, or the sum is none', () => {
  assert.equal(linearForm(false, byte('s8', 8, 0), byte('s8', 0.01, 0), byte('s8', 0.01, 0)), undefined);
  // 0.55 p - 1.5 q but for the last bits of float32: the fixed-point constants round each tie their own way.
  assert.equal(linearForm(true, byte('s8', 0.011, 7), byte('u8', 0.03, 200), byte('s8', 0.02, -3)), undefined);
  const real = { a: 0.5, b: 0.5, constant: 0 };
  const bent = (p: number, q: number) => Math.floor((p + q) / 2) + (p === 3 && q === 5 ? 1 : 0);
  assert.equal(linearSum({ sum: bent, leastA: -128, leastB: -128, real, range: [-128, 127] }), undefined);
});
