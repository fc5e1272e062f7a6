/** Plans of weights, made once: they take time. */
import type { Tensor } from '../ir/type.js';

/** `plan`, remembered for each tensor and number of groups: convolutions of different ones may share their weights. */
export function plannedOnce<Plan>(plan: (w: Tensor, groups: number) => Plan): (w: Tensor, groups: number) => Plan {
  const plans = new WeakMap<Tensor, Map<number, Plan>>();
  return (w, groups) => {
    const known = plans.get(w) ?? new Map<number, Plan>();
    plans.set(w, known);
    const found = known.get(groups) ?? plan(w, groups);
    known.set(groups, found);
    return found;
  };
}
