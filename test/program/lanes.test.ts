/** `--exact auto`: pairs only where the target's other kernels take longer than accuracy is worth. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { perTensor, quantType, type Tensor } from '../../src/ir/type.js';
import { lanesByCost } from '../../src/program/lanes.js';

const { kernels } = loadAssets();
const chosen = (isa: string, w: Tensor) => lanesByCost(kernels.get(isa) ?? [])(w, { groups: 1, dilations: [1, 1] });

/** Weights [oc, 1, 1, k], every `every`th of `large`, the others small. */
function weights(oc: number, k: number, large: number, every: number): Tensor {
  const data = Int8Array.from({ length: oc * k }, (_, i) => (i % every === 0 ? large : (i % 7) - 3));
  return { type: quantType('s8', [oc, 1, 1, k], perTensor(1, 0)), data };
}

test('few inputs, which only int16 kernels take well, are worth coarser weights on AVX2', () => {
  assert.equal(chosen('x86-avx2', weights(96, 16, 127, 2)), 2);
});

test('weights that find partners, in many channels, are not', () => {
  assert.equal(chosen('x86-avx2', weights(256, 256, 60, 5)), 1);
});

test('steps of four inputs are no alternative where no four lie side by side', () => {
  // Sixteen large ones, which no order among them makes fit, then sixteen small ones, which fit by fours.
  const of = (k: number): Tensor => ({
    type: quantType('s8', [256, 1, 1, k], perTensor(1, 0)),
    data: Int8Array.from({ length: 256 * k }, (_, i) => ((i % k) % 32 < 16 ? 100 : 20)),
  });
  assert.equal(chosen('x86-avx2', of(256)), 1);
  assert.equal(chosen('x86-avx2', of(254)), 2);
});

test('weights of which most large ones meet others are', () => {
  assert.equal(chosen('x86-avx2', weights(64, 96, 127, 1)), 2);
});

test('instruction sets without such kernels never ask for pairs', () => {
  for (const isa of ['x86-avx512vnni', 'arm-neon', 'scalar'])
    assert.equal(chosen(isa, weights(96, 16, 127, 2)), 1, isa);
});
