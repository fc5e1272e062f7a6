/**
 * What a residual takes that no convolution adds: the same numbers in a step of their own. The kernel lab had no residuals; a layer
 * that has one is held, besides its product alone, against product and such a step (decision 0060).
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Step } from '../../src/program/program.js';
import { numberOf } from './lab-table.js';

/** Results of a convolution that adds a residual; undefined for other steps. */
export function residualSize({ kernel, params: p }: Step): number | undefined {
  if (kernel.family !== 'conv2d_q8' || typeof p.kind !== 'object' || numberOf(p.kind, 'has_add') !== 1)
    return undefined;
  return numberOf(p, 'n') * numberOf(p, 'oh') * numberOf(p, 'ow') * numberOf(p, 'oc');
}

/** Sums that a step of the model of `writeAdds` computes. */
export function addedBy({ kernel, params: p }: Step): number | undefined {
  return kernel.family === 'add_q8' ? numberOf(p, 'rows') * numberOf(p, 'columns') : undefined;
}

/** A model of one addition for each size. */
export function writeAdds(folder: string, sizes: readonly number[]): string {
  const type = (size: number) => `u8[1,${size}]`;
  const inputs = sizes.flatMap((size, i) => [
    `%in${2 * i} "a${i}": ${type(size)} q(0.02, 128)`,
    `%in${2 * i + 1} "b${i}": ${type(size)} q(0.03, 121)`,
  ]);
  const adds = sizes.map((size, i) => `  %${i} = add(%in${2 * i}, %in${2 * i + 1}) : ${type(size)} q(0.04, 117)`);
  const path = join(folder, 'adds.qir');
  const results = sizes.map((_, i) => `%${i} as "y${i}"`);
  writeFileSync(
    path,
    [`graph "adds" (${inputs.join(', ')}) {`, ...adds, `  return ${results.join(', ')}`, '}', ''].join('\n'),
  );
  return path;
}
