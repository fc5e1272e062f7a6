/** Pairs of products that meet in 16 bits: whether they fit as the weights lie, and what an order in which they do costs. */
import type { Node } from '../../ir/graph.js';
import type { Element, Shape, Tensor } from '../../ir/type.js';
import { octPlan, octWork, QUAD, sideBySide } from '../../program/octs.js';
import { parsePacking } from '../../program/packing.js';
import type { Kernel } from '../../program/program.js';
import { quadPlan, quadRange, quadWork } from '../../program/quads.js';
import { proved, refuted, type Verdict, verdict } from '../../target/choose.js';
import { meanwhile } from './work.js';

type Attrs = Node<'conv2d-requant'>['attrs'];

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
function quadSums(w: Tensor, groups: number, [low, high]: readonly [number, number]): Verdict {
  if (low < quadRange[0] || high > quadRange[1]) return refuted(`weights ${low}..${high} do not fit two s8`);
  const plan = quadPlan(w, groups);
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const before = `${percent(plan.unsafe)} of the quads can exceed int16 as they lie`;
  const after = percent(plan.extraSteps / (plan.steps - plan.extraSteps));
  if (!plan.fits) return refuted(`${before}, in another order still so many that ${after} more steps were needed`);
  const outputs = `${16 * plan.together} outputs`;
  return proved(`${before}; none with the inputs in another order for each ${outputs}, in ${after} more steps`);
}

/** Of how many steps sums fit 16 bits, and how. */
function octSums(w: Tensor, groups: number, [low, high]: readonly [number, number]): Verdict {
  if (low < -128 || high > 127) return refuted(`weights ${low}..${high} do not fit s8`);
  const { plainOcts, plainAlone, signedOcts, signedAlone } = octPlan(w, groups);
  const steps = 2 * plainOcts + plainAlone + 2 * signedOcts + signedAlone;
  const share = (count: number): string => `${((100 * count) / steps).toFixed(1)} %`;
  const plain = `${share(2 * plainOcts)} of the steps fit int16 by twos, ${share(plainAlone)} by themselves`;
  return proved(`${plain}; magnitudes of ${share(2 * signedOcts)} by twos, of ${share(signedAlone)} by themselves`);
}

/** Words about kernels whose steps are 4 inputs; undefined for others. @param range of the weights. */
export function proveSteps(
  word: string,
  w: Tensor,
  attrs: Attrs,
  range: readonly [number, number],
): Verdict | undefined {
  switch (word) {
    case 'QUADS_FIT_S16':
      return quadSums(w, attrs.groups, range);
    case 'OCTS_FIT_S16':
      return octSums(w, attrs.groups, range);
    case 'QUADS_IN_LINES':
      return quadsInLines(w.type.shape, attrs);
    default:
      return undefined;
  }
}

/** Whether each 4 inputs of a window lie side by side. */
function quadsInLines(shape: Shape, attrs: Attrs): Verdict {
  const [, kh, kw] = shape;
  const run = sideBySide(shape, attrs);
  if (run % QUAD !== 0) return refuted(`${run} inputs lie side by side, not fours`);
  return verdict(
    kh * kw > 1 || attrs.pads.every((p) => p === 0),
    `${run} inputs lie side by side`,
    'one tap, and padding',
  );
}

/** Of kernels that multiply 4 inputs a step, by what their packing is: whether sums fit, and the steps of a plan. */
const plans = {
  quads: { judge: quadSums, work: (w: Tensor, groups: number) => quadWork(quadPlan(w, groups)) },
  octs: { judge: octSums, work: (w: Tensor, groups: number, x: Element) => octWork(octPlan(w, groups), x === 's8') },
};

function planOf(kernel: Kernel): (typeof plans)['quads' | 'octs'] | undefined {
  const kind = parsePacking(kernel.packing)?.kind;
  return kind === 'quads' || kind === 'octs' ? plans[kind] : undefined;
}

/** What a plan says of the weights, for a kernel that was not chosen. */
export function explainQuads(kernel: Kernel, w: Tensor, groups: number): string | undefined {
  const judged = planOf(kernel)?.judge(w, groups, [-128, 127]);
  return judged?.ok ? judged.evidence : judged?.why;
}

/** What a plan, which takes time to make, cannot be better than: whole steps of inputs, once. @param padded work of whole tiles. */
export function leastOfQuads(
  kernel: Kernel,
  padded: number,
  w: Tensor,
): { readonly work: number; readonly stored: number } | undefined {
  if (planOf(kernel) === undefined) return undefined;
  const [oc, kh, kw, cg] = w.type.shape;
  const k = kh * kw * cg;
  const whole = Math.ceil(k / 4) * 4;
  const stored = Math.ceil(oc / 16) * 16 * whole;
  return { work: (padded * whole) / k + meanwhile(kernel, stored), stored };
}

/** Work of whole blocks of inputs, extra steps and putting activations in order, over work asked for. */
export function quadsOver(kernel: Kernel, w: Tensor, groups: number, x: Element): number {
  const plan = planOf(kernel);
  if (plan === undefined) return 1;
  const [oc, kh, kw, cg] = w.type.shape;
  const panels = groups * Math.ceil(oc / groups / 16);
  return plan.work(w, groups, x) / ((panels * (kh * kw * cg)) / 4);
}
