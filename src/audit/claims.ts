/** The words under which a kernel was chosen, on the numbers that are in the generated C. */
import { largestPair } from './bounds.js';
import type { CStep } from './c-program.js';
import type { EmittedWeights } from './layers.js';
import { unpackOcts } from './unpack-octs.js';
import { unpackQuads } from './unpack-quads.js';

/** Whether a claim is true of a step; words that say nothing about its numbers are. @param xMax the largest activation. */
export function holdsOf(claim: string, emitted: EmittedWeights, step: CStep, xMax: number): boolean {
  // Made for the words that ask for it alone: layers have millions of weights, and several words.
  const weights = (): readonly number[] => Array.from(emitted.weights);
  const holds: Readonly<Record<string, () => boolean>> = {
    WEIGHTS_NOT_MIN: () => weights().every((w) => w > -128),
    PAIR_SUM_FITS_S16: () => largestPair(emitted.shape, weights(), xMax) <= 32767,
    QUADS_FIT_S16: () => {
      const quads = unpackQuads(emitted.packed, emitted.shape);
      const shift = step.params.get('x_signed') === 1 ? 128 : 0;
      return typeof quads !== 'string' && (xMax + shift) * quads.largestPair <= 32767;
    },
    OCTS_FIT_S16: () => {
      const octs = unpackOcts(emitted.packed, emitted.shape);
      const shift = step.params.get('x_signed') === 1 ? 128 : 0;
      if (typeof octs === 'string') return false;
      return (xMax + shift) * octs.largestPlain <= 32767 && octs.largestSigned <= 256;
    },
    GROUPS_ONE: () => emitted.shape.groups === 1,
    GROUPS_OF_4_OR_8: () => {
      const { oc, cg, groups } = emitted.shape;
      return (cg === 4 || cg === 8) && oc === cg * groups;
    },
    X_UNSIGNED: () => step.params.get('x_signed') === 0,
    X_SIGNED: () => step.params.get('x_signed') === 1,
    OUT_Q8: () => step.params.get('kind.out') === 0,
    NO_RESIDUAL: () => step.params.get('kind.has_add') === 0,
  };
  return holds[claim]?.() ?? true;
}
