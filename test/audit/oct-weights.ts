/** Weights whose steps go by twos in some places and alone in others, and what the packing says of their first panel. */
import { quantType, unitAffine } from '../../src/ir/type.js';
import { octPlan } from '../../src/program/octs.js';
import { wholeNumbers } from '../onnx/tiny-models.js';

/** [oc, k]: too large for pairs as they lie in some places, and of one row in all panels. */
export function octWeights(oc: number, k: number): readonly number[] {
  const row = wholeNumbers(k, 3, -90, 90);
  return Array.from({ length: oc * k }, (_, i) => row[i % k]);
}

/** The first panel's steps in their order, how many of each kind; `alone`: signed ones without a partner. */
export function firstSteps(weights: readonly number[], oc: number) {
  const type = quantType('s8', [oc, 1, 1, weights.length / oc], unitAffine, [-128, 127]);
  const [[chunk]] = octPlan({ type, data: Int8Array.from(weights) }, 1).panels;
  const { order, plainOcts, plainAlone, signedOcts } = chunk;
  return { ...chunk, alone: order.length - 2 * plainOcts - plainAlone - 2 * signedOcts };
}
