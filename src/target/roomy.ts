/** Kernels whose scratch decides how large the arena is. */
import { type Kernel, type Program, type Step, stepsOf } from '../program/program.js';
import { evaluateScratch } from './kernels.js';

/** What less scratch may cost: times the cycles. */
const SLOWER = 1.25;

/**
 * Steps are run by rows where the tensors around them take the most room, so there every byte of scratch lengthens the arena. By
 * origin of such a step its kernel, where another one takes less and is not much slower.
 */
export function roomyKernels({ body }: Program): ReadonlyMap<Step['origin'], Kernel> {
  const found = new Map<Step['origin'], Kernel>();
  for (const step of stepsOf(body.filter((item) => item.kind === 'repeat'))) {
    const scratch = (kernel: Kernel) => evaluateScratch(kernel.scratch, step.params);
    const own = step.rivals.find((rival) => rival.kernel === step.kernel);
    if (own === undefined || scratch(step.kernel) === 0) continue;
    const isBetter = step.rivals.some(
      ({ kernel, cost }) => cost <= SLOWER * own.cost && scratch(kernel) < scratch(step.kernel),
    );
    if (isBetter) found.set(step.origin, step.kernel);
  }
  return found;
}
