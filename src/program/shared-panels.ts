/** Weights that parts of a run share out by output channels. Invariant: a part begins at whole panels, and at 64 bytes. */
import type { Tensor } from '../ir/type.js';
import { bytesOfShape, type Packing } from './packing.js';
import type { Step } from './program.js';
import { quadPlan, quadStride } from './quads.js';

const LINE = 64;

/** Bytes of an output channel's weights, and how many channels stay together: parts begin at whole panels, and at 64 bytes. */
export function sharedPanels(step: Step, packing: Packing | undefined, oc: number) {
  const w = step.args.find((a) => a.name === 'w')?.view?.buffer;
  if (w?.role !== 'constant' || packing === undefined) return undefined;
  if (packing.kind === 'hwc' || packing.kind === 'winograd') return undefined;
  const [nr, rowBytes] = panelsOf(w.tensor, packing, oc);
  let unit = nr;
  while ((unit * rowBytes) % LINE !== 0 || (unit * 4) % LINE !== 0) unit += nr;
  return unit >= oc ? undefined : { rowBytes, unit };
}

/** Channels that stay together, and bytes of the weights of one. */
function panelsOf(w: Tensor, packing: Exclude<Packing, { kind: 'hwc' }>, oc: number): readonly [number, number] {
  if (packing.kind === 'quads') {
    const plan = quadPlan(w, 1);
    const nr = packing.nr * plan.together;
    return [nr, quadStride(plan) / nr];
  }
  const nr = packing.kind === 'panels' || packing.kind === 'octs' ? packing.nr : 1;
  const isNarrow = packing.kind === 'panels' && packing.isNarrow;
  return [nr, bytesOfShape(w.type, packing) / (isNarrow ? oc : Math.ceil(oc / nr) * nr)];
}
