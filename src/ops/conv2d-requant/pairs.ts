/** Pairs of products that meet in 16 bits: whether they fit as the weights lie, and what an order in which they do costs. */
import type { Tensor } from '../../ir/type.js';
import { parsePacking } from '../../program/packing.js';
import type { Kernel } from '../../program/program.js';
import { quadPlan, quadRange, quadWork } from '../../program/quads.js';
import { proved, refuted, type Verdict } from '../../target/choose.js';
import { meanwhile } from './work.js';

/** For every pair of neighbouring k: xMax * max(sum of positive, -sum of negative weights) <= 32767. */
export function pairSums(ws: ArrayLike<number>, oc: number, k: number, xMax: number): Verdict {
  let unsafe = 0;
  for (let o = 0; o < oc; o++)
    for (let i = 0; i < k; i += 2) {
      const a = ws[o * k + i];
      const b = i + 1 < k ? ws[o * k + i + 1] : 0;
      const positive = Math.max(a, 0) + Math.max(b, 0);
      const negative = Math.max(-a, 0) + Math.max(-b, 0);
      if (xMax * Math.max(positive, negative) > 32767) unsafe++;
    }
  const pairs = oc * Math.ceil(k / 2);
  return unsafe === 0
    ? proved(`all ${pairs} pairs fit int16`)
    : refuted(`${unsafe} of ${pairs} weight pairs can exceed int16`);
}

/** What became of the quads that could exceed int16 as the weights lie. */
export function quadSums(w: Tensor, groups: number, [low, high]: readonly [number, number]): Verdict {
  if (low < quadRange[0] || high > quadRange[1]) return refuted(`weights ${low}..${high} do not fit two s8`);
  const plan = quadPlan(w, groups);
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const before = `${percent(plan.unsafe)} of the quads can exceed int16 as they lie`;
  const after = percent(plan.extraSteps / (plan.steps - plan.extraSteps));
  if (!plan.fits) return refuted(`${before}, in another order still so many that ${after} more steps were needed`);
  const outputs = `${16 * plan.together} outputs`;
  return proved(`${before}; none with the inputs in another order for each ${outputs}, in ${after} more steps`);
}

/** The same for a kernel that was not chosen. */
export function explainQuads(kernel: Kernel, w: Tensor, groups: number): string | undefined {
  if (parsePacking(kernel.packing)?.kind !== 'quads') return undefined;
  const judged = quadSums(w, groups, [-128, 127]);
  return judged.ok ? judged.evidence : judged.why;
}

/** What a plan, which takes time to make, cannot be better than: whole steps of inputs, once. @param padded work of whole tiles. */
export function leastOfQuads(
  kernel: Kernel,
  padded: number,
  w: Tensor,
): { readonly work: number; readonly stored: number } | undefined {
  if (parsePacking(kernel.packing)?.kind !== 'quads') return undefined;
  const [oc, kh, kw, cg] = w.type.shape;
  const k = kh * kw * cg;
  const whole = Math.ceil(k / 4) * 4;
  const stored = Math.ceil(oc / 16) * 16 * whole;
  return { work: (padded * whole) / k + meanwhile(kernel, stored), stored };
}

/** Work of whole blocks of inputs, extra steps and putting activations in order, over work asked for. */
export function quadsOver(kernel: Kernel, w: Tensor, groups: number): number {
  if (parsePacking(kernel.packing)?.kind !== 'quads') return 1;
  const [oc, kh, kw, cg] = w.type.shape;
  const panels = groups * Math.ceil(oc / groups / 16);
  return quadWork(quadPlan(w, groups)) / ((panels * (kh * kw * cg)) / 4);
}
