/** Requests for families whose one kernel asks for nothing. */
import type { View } from '../program/program.js';
import type { Request } from '../target/choose.js';

export function plainRequest(family: string, work: number, reads: readonly View[]): Request {
  return { family, prove: () => undefined, work: () => work, reads };
}

/** `dims` padded in front with `fill` to six entries, named `<prefix>0` .. `<prefix>5`. */
export function six(prefix: string, dims: readonly number[], fill: number): Record<string, number> {
  const all = [...new Array<number>(6 - dims.length).fill(fill), ...dims];
  return Object.fromEntries(all.map((d, i) => [`${prefix}${i}`, d]));
}
