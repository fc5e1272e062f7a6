/** What kernels may leave out of a fixed-point rule, against every accumulator that can occur. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedPointProof } from '../../src/ops/conv2d-requant/ties.js';
import { doublingHighMultiply, fixedDouble, fixedSingle } from '../../src/quant/fixed-point.js';

/** The rules with every tie going up, as vector instructions round. */
const tiesUp = {
  'tflite-double': (acc: number, multiplier: number, shift: number) =>
    Math.floor(doublingHighMultiply(acc, multiplier) / 2 ** -shift + 0.5),
  'tflite-single': (acc: number, multiplier: number, shift: number) =>
    Math.floor(Number((BigInt(acc) * BigInt(multiplier)) >> 31n) / 2 ** -shift + 0.5),
};
const rules = { 'tflite-double': fixedDouble, 'tflite-single': fixedSingle };
const multipliers = [1 << 30, (1 << 30) + (1 << 29), (1 << 30) + (1 << 24), (1 << 30) + 1, 1518500250, 2 ** 31 - 1, 0];

for (const rounding of ['tflite-double', 'tflite-single'] as const)
  test(`${rounding}: ties do not show where that is proved, and do where it is not`, () => {
    let shown = 0;
    let hidden = 0;
    for (const multiplier of multipliers)
      for (const shift of [-1, -2, -5, -9, -13])
        for (const low of [0, -1, -3, -17, -256, -4097]) {
          const proof = fixedPointProof(rounding, [multiplier, shift], [low], false);
          let differs = false;
          for (let acc = low; acc <= 5; acc++)
            differs ||= rules[rounding](acc, { multiplier, shift }) !== tiesUp[rounding](acc, multiplier, shift);
          if (proof === 2) assert.equal(differs, false, `${multiplier} ${shift} ${low}`);
          if (differs) shown++;
          if (proof === 2) hidden++;
        }
    assert.ok(shown > 20 && hidden > 20, `${shown} show, ${hidden} are proved not to`);
  });

test('a shift that is not negative proves nothing, a clamp at the zero point hides every tie', () => {
  assert.equal(fixedPointProof('tflite-double', [1 << 30, -3, 1 << 30, 0], [-9, -9], true), 0);
  assert.equal(fixedPointProof('tflite-double', [1 << 30, -3, 1 << 30, -2], [-900, -900], true), 2);
  assert.equal(fixedPointProof('tflite-double', [1 << 30, -3, 1 << 30, -2], [-900, -900], false), 1);
});
