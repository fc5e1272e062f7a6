/**
 * How the instances of a model are shared out over C files, so that compilers work on them side by side. Invariant: decided by
 * the program alone, never by the machine that builds: same input, same files.
 */
import type { InstanceView } from './instances.js';

/**
 * So many instances of vector code are worth a second file, and so many more a further one. Files are few because a
 * compiler reads a kernel whole, once for each file that has an instance of it.
 */
const enough = 8;
const perFile = 48;
const mostFiles = 4;

/** @returns the instances of each file, at least one file, in their order; the first is the one with the run. */
export function sharedOut(instances: readonly InstanceView[]): readonly (readonly InstanceView[])[] {
  const vectors = instances.filter((instance) => isVectorCode(instance)).length;
  const count = vectors < enough ? 1 : Math.min(mostFiles, 1 + Math.ceil(vectors / perFile));
  const load = Array.from({ length: count }, () => 0);
  const file = new Map<InstanceView, number>();
  const put = (instance: InstanceView, to: number): void => {
    file.set(instance, to);
    load[to] += isVectorCode(instance) ? 1 : 0;
  };
  const symbols = [...new Set(instances.map((i) => i.kernel.symbol))];
  const groups = symbols
    .map((symbol) => instances.filter((i) => i.kernel.symbol === symbol))
    .sort((a, b) => b.length - a.length);
  for (const group of groups) {
    if (group.length < 2 * count) {
      const to = leastOf(load);
      for (const instance of group) put(instance, to);
    } else for (const instance of group) put(instance, leastOf(load));
  }
  return load.map((_, unit) => instances.filter((instance) => file.get(instance) === unit));
}

function isVectorCode(instance: InstanceView): boolean {
  return instance.kernel.isa !== 'scalar';
}

function leastOf(load: readonly number[]): number {
  return load.indexOf(Math.min(...load));
}

/** The files beside `<model>.c` that hold instances: `<model>_kernels.c`, `<model>_kernels_2.c`, ... */
export function unitFile(model: string, index: number): string {
  return `${model}_kernels${index === 1 ? '' : `_${index}`}.c`;
}
