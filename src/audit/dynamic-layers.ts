/**
 * Layers whose activations are quantized at run time: weights, derived from the model again, and what they let a kernel claim, for
 * any zero point that the type holds. What a run computes itself (scales and zero points, bias and multipliers made of them) no file
 * can say.
 */
import { boundsOf } from './bounds.js';
import type { CStep } from './c-program.js';
import { holdsOf } from './claims.js';
import { compareWeights, type EmittedWeights, type LayerAudit, shapeOf } from './layers.js';
import type { ClaimedStep } from './manifest.js';
import { ofNodes } from './model-layer.js';
import { unpack } from './unpack.js';

/** The op whose activations were quantized at run time. */
export function isDynamicLayer({ op }: ClaimedStep): boolean {
  return op === 'dynamic-conv';
}

export function auditDynamicLayer(cx: LayerAudit, claimed: ClaimedStep, step: CStep): void {
  const pointer = step.pointers[claimed.args.findIndex((a) => a.name === 'w')];
  const w = pointer?.kind === 'constant' ? cx.constants.get(pointer.name) : undefined;
  if (w === undefined) {
    cx.findings.add('Q0646', 'its weights are not defined in the generated C', claimed);
    return;
  }
  const shape = shapeOf(step);
  const weights = unpack(claimed.packing, w.values, shape);
  if (typeof weights === 'string') cx.findings.add('Q0643', weights, claimed);
  if (weights === undefined)
    cx.findings.leaveOpen(claimed, `the audit cannot read weights packed as ${claimed.packing}`);
  if (typeof weights === 'string' || weights === undefined) return;
  const emitted = { shape, weights, packed: w.values };
  const isDerived = auditWeights(cx, claimed, emitted);
  const x = step.params.get('x_signed') === 1 ? [-128, 127] : [0, 255];
  const cells = weights.length / shape.oc;
  let [low, high] = [0, 0];
  for (const zero of x) {
    const bias = new Float64Array(shape.oc);
    for (let i = 0; i < weights.length; i++) bias[Math.floor(i / cells)] -= zero * weights[i];
    const bounds = boundsOf(shape, weights, bias, x);
    low = Math.min(low, bounds.partialLow);
    high = Math.max(high, bounds.partialHigh);
  }
  if (low < -(2 ** 31) || high >= 2 ** 31)
    cx.findings.add('Q0644', `a sum can reach ${low}..${high}, beyond int32`, claimed);
  const evidence = `every partial sum lies in ${low}..${high}`;
  for (const { claim, evidence: told } of cx.manifest.proofs.filter((p) => p.step === claimed.index)) {
    const holds = claim === 'ACCUMULATOR_FITS_S32' ? told === evidence : holdsOf(claim, emitted, step, x[1]);
    if (!holds) cx.findings.add('Q0644', `"${claim}: ${told}" does not hold: ${evidence}`, claimed);
  }
  if (step.family === 'dynamic_matmul') auditSums(cx, claimed, step, weights, cells);
  const isPerRow = step.params.get('per_row') === 1;
  const numbers = isPerRow ? 'scale and zero point of each row' : 'scale and zero point';
  const derived = isDerived
    ? 'were derived from the model again'
    : 'are not those of one product of integers in the model';
  cx.findings.leaveOpen(claimed, `its weights ${derived}, its ${numbers} are known at run time only`);
}

/** Compares them with the model's; false where that has no such weights. */
function auditWeights(cx: LayerAudit, claimed: ClaimedStep, emitted: EmittedWeights): boolean {
  const found = ofNodes(cx.products, claimed.origin);
  const [product] = found;
  const isSame = (['oc', 'kh', 'kw', 'cg', 'groups'] as const).every(
    (size) => product?.shape[size] === emitted.shape[size],
  );
  if (found.length !== 1 || !isSame) return false;
  compareWeights(cx, claimed, emitted, product.weights);
  return true;
}

/** What a zero point is multiplied by is the sum of a channel's weights. */
function auditSums(cx: LayerAudit, claimed: ClaimedStep, step: CStep, weights: ArrayLike<number>, cells: number): void {
  const pointer = step.pointers[claimed.args.findIndex((a) => a.name === 'sums')];
  const sums = pointer?.kind === 'constant' ? cx.constants.get(pointer.name)?.values : undefined;
  if (sums === undefined) {
    cx.findings.add('Q0646', 'the sums of its weights are not defined in the generated C', claimed);
    return;
  }
  const wanted = new Float64Array(weights.length / cells);
  for (let i = 0; i < weights.length; i++) wanted[Math.floor(i / cells)] += weights[i];
  const wrong = wanted.findIndex((sum, o) => sums[o] !== sum);
  if (wrong >= 0)
    cx.findings.add(
      'Q0643',
      `channel ${wrong}: sum of the weights ${sums[wrong]}, of the weights in the C ${wanted[wrong]}`,
      claimed,
    );
}
