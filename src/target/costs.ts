/**
 * Measured times in the place of estimated ones. Invariant: a step's times depend on its shape class alone, so equal files
 * of times and equal models give equal choices.
 */
import type { Params, ParamValue, Step } from '../program/program.js';
import type { Candidate } from './choose.js';

/** Nanoseconds of one call, by kernel. */
export type KernelTimes = ReadonlyMap<string, number>;

/** By shape class: what `qcc build --tune` measured. */
export type MeasuredCosts = ReadonlyMap<string, KernelTimes>;

/** Costs are cycles; times count as so many, about what the shipped rates were measured with. */
const CYCLES_PER_NS = 3;

export function microseconds(cycles: number): string {
  return (cycles / CYCLES_PER_NS / 1000).toPrecision(4);
}

/**
 * What a time is of: family, shapes and flags. Members that are 0 are left out.
 * `conv2d_q8 n=1 h=28 w=28 c=64 oh=28 ow=28 oc=64 kh=3 kw=3 sh=1 sw=1 ... kind.y_signed=1`
 */
export function shapeClass(step: Pick<Step, 'kernel' | 'params'>): string {
  return [step.kernel.family, ...members(step.params, '')].join(' ');
}

function members(params: Params, prefix: string): readonly string[] {
  return Object.entries(params).flatMap(([name, value]: [string, ParamValue]) => {
    if (typeof value !== 'number') return members(value, `${prefix}${name}.`);
    return value === 0 ? [] : [`${prefix}${name}=${value}`];
  });
}

/**
 * Candidates with their measured costs. One that nobody measured beside others that are was not worth it: it stays behind
 * all of them, in the order of the estimates.
 */
export function withTimes(candidates: readonly Candidate[], times: KernelTimes | undefined): readonly Candidate[] {
  const known = candidates.flatMap((c) => {
    const ns = times?.get(c.kernel.symbol);
    return ns === undefined ? [] : [{ candidate: c, cost: ns * CYCLES_PER_NS }];
  });
  if (known.length === 0) return candidates;
  const slowest = Math.max(...known.map(({ cost }) => cost));
  return candidates.map((c) => {
    const found = known.find(({ candidate }) => candidate === c);
    if (found === undefined) return { ...c, cost: slowest + c.cost };
    return { ...c, cost: found.cost, isMeasured: true };
  });
}
