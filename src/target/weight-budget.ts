/**
 * Fast kernels may store weights in a larger form (int16, Winograd). Invariant: all weights of a program together take at
 * most `growth` times their own size wherever smaller forms exist; what is given up for it costs the least time per byte.
 */
import type { Kernel, Refusal } from '../program/program.js';
import type { Candidate } from './choose.js';

export interface WeightedLayer {
  /** Bytes of the weights as the model has them. */
  readonly live: number;
  readonly candidates: readonly Candidate[];
  readonly stored: (kernel: Kernel) => number;
}

interface Form {
  readonly candidate: Candidate;
  readonly bytes: number;
}

/** Per layer, the candidates that the budget leaves; layers that keep all of theirs are not listed. */
export function withinWeightBudget<L>(
  layers: ReadonlyMap<L, WeightedLayer>,
  growth: number,
): ReadonlyMap<L, readonly Candidate[]> {
  const limit = [...layers.values()].reduce((sum, layer) => sum + layer.live, 0) * growth;
  const forms = new Map<L, readonly Form[]>();
  const chosen = new Map<L, Form>();
  let total = 0;
  for (const [key, { candidates, stored }] of layers) {
    const all = candidates.map((candidate) => ({ candidate, bytes: stored(candidate.kernel) }));
    const best = all.reduce((a, b) => (b.candidate.cost < a.candidate.cost ? b : a));
    forms.set(key, all);
    chosen.set(key, best);
    total += best.bytes;
  }
  while (total > limit) {
    const move = cheapestSaving(forms, chosen);
    if (move === undefined) break;
    total += move.to.bytes - (chosen.get(move.key)?.bytes ?? 0);
    chosen.set(move.key, move.to);
  }
  const left = new Map<L, readonly Candidate[]>();
  for (const [key, all] of forms) {
    const bytes = chosen.get(key)?.bytes ?? 0;
    const kept = all.filter((form) => form.bytes <= bytes);
    if (kept.length < all.length && all.some((f) => f.candidate.cost < (chosen.get(key)?.candidate.cost ?? 0)))
      left.set(
        key,
        kept.map((form) => form.candidate),
      );
  }
  return left;
}

/** The step to a smaller form that loses the least time per byte saved. */
function cheapestSaving<L>(forms: ReadonlyMap<L, readonly Form[]>, chosen: ReadonlyMap<L, Form>) {
  let best: { readonly key: L; readonly to: Form; readonly price: number } | undefined;
  for (const [key, all] of forms) {
    const now = chosen.get(key);
    if (now === undefined) continue;
    for (const to of all) {
      if (to.bytes >= now.bytes) continue;
      const price = (to.candidate.cost - now.candidate.cost) / (now.bytes - to.bytes);
      if (best === undefined || price < best.price) best = { key, to, price };
    }
  }
  return best;
}

export function overWeight(candidate: Candidate, growth: number): Refusal {
  return {
    kernel: candidate.kernel.symbol,
    why: `stores larger weights, and all weights together may take ${growth} times their size`,
  };
}
