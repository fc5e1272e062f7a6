/**
 * Whether weights should be chosen so that neighbouring products fit 16 bits: `--exact auto`. Byte kernels are exact for any
 * weights, by orders of inputs and extra steps (`quads.ts`); what those cost is what coarser weights could save.
 */
import type { Node } from '../ir/graph.js';
import { elements, type Shape, type Tensor } from '../ir/type.js';
import { octPlan, octWork, QUAD, SMALL_TILE_CYCLES, sideBySide } from './octs.js';
import { parsePacking } from './packing.js';
import type { Kernel } from './program.js';
import { quadPlan, quadWork } from './quads.js';

/** Share of a layer's time that accuracy is worth. */
const WORTH = 0.05;

/** Neighbouring products with u8 activations that 16 bits hold; 1: no promise. */
export type Lanes = 1 | 2 | 4;

type Attrs = Pick<Node<'conv2d'>['attrs'], 'groups' | 'dilations'>;

/** @param w stored weights [oc, kh, kw, c / groups], chosen for accuracy alone. */
export type LaneChoice = (w: Tensor, attrs: Attrs) => 1 | 2;

/** By the kernels of the target's best instruction set, and their rates: where that has dot products, nobody needs pairs. */
export function lanesByCost(kernels: readonly Kernel[]): LaneChoice {
  const own = kernels.filter(({ family }) => family === 'conv2d_q8');
  const paired = own.filter(({ needs }) => needs.includes('PAIR_SUM_FITS_S16'));
  const others = own.filter(
    ({ needs }) => needs.length === 0 || needs.some((word) => /^(QUADS|OCTS)_FIT_S16$/.test(word)),
  );
  if (paired.length === 0) return () => 1;
  return (w, attrs) => {
    const least = (list: readonly Kernel[]) => Math.min(...list.map((kernel) => rowCost(kernel, w, attrs)));
    return least(others) > (1 + WORTH) * least(paired) ? 2 : 1;
  };
}

/** Winograd's kernels can take it. @param shape [oc, kh, kw, c / groups] of the weights. */
export function hasWinogradShape(
  { strides, dilations, groups }: Node<'conv2d' | 'conv2d-requant'>['attrs'],
  [, kh, kw]: Shape,
): boolean {
  return kh === 3 && kw === 3 && [...strides, ...dilations, groups].every((n) => n === 1);
}

/** Neighbours are multiplied and added in pairs by kernels that sum over channels, and not by Winograd's. */
function hasLanes({ kind, attrs, operands: [, w] }: Node<'conv2d'> | Node<'conv2d-transpose'>): boolean {
  if (kind !== 'conv2d') return false;
  return w.type.shape[3] > 1 && !hasWinogradShape(attrs, w.type.shape);
}

/** @param stored weights that are chosen for accuracy alone. */
export function lanesOf(
  node: Node<'conv2d'> | Node<'conv2d-transpose'>,
  lanes: Lanes | LaneChoice,
  stored: () => Tensor,
): Lanes {
  if (!hasLanes(node)) return 1;
  return typeof lanes === 'number' ? lanes : lanes(stored(), node.attrs);
}

/** Cycles of a row of results: whole panels, whole steps. */
function rowCost({ packing: name, rate, tile }: Kernel, w: Tensor, attrs: Attrs): number {
  const { groups } = attrs;
  const packing = parsePacking(name, groups);
  const [oc] = w.type.shape;
  // A single row at a time is for a single row.
  if (packing === undefined || tile.startsWith('1x')) return Number.POSITIVE_INFINITY;
  if (packing.kind === 'quads') {
    const plan = quadPlan(w, groups);
    return plan.fits ? (quadWork(plan) * 4 * packing.nr * 10) / rate : Number.POSITIVE_INFINITY;
  }
  if (packing.kind === 'octs') {
    if (w.type.element !== 's8' || sideBySide(w.type.shape, attrs) % QUAD !== 0) return Number.POSITIVE_INFINITY;
    return (
      (octWork(octPlan(w, groups), false) * 4 * packing.nr * 10) / rate +
      groups * Math.ceil(oc / groups / packing.nr) * SMALL_TILE_CYCLES
    );
  }
  if (packing.kind !== 'panels') return Number.POSITIVE_INFINITY;
  const { nr, kr } = packing;
  const panels = groups * Math.ceil(oc / groups / nr);
  const steps = Math.ceil(elements(w.type.shape) / oc / kr);
  return (panels * nr * steps * kr * 10) / rate;
}
