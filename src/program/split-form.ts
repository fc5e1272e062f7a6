/** A way to share a step out among parts, and how to say one where the rows of all operands follow each other. */
import type { Arg, Params, Split, SplitArg, Step } from './program.js';

export interface SplitForm {
  /** The step, with params that say the same in the terms of the split. */
  readonly step: Step;
  readonly split: Split;
}

/** The form in which these operands have `rows` rows each; none where one has no whole rows. */
export function made(
  step: Step,
  counts: Readonly<Record<string, number>>,
  rows: number,
  unit: number,
  operands: readonly string[],
): readonly SplitForm[] {
  if (rows <= unit) return [];
  const args: Record<string, SplitArg> = {};
  for (const { name, view } of operands.flatMap((o): readonly Arg[] => step.args.filter((a) => a.name === o))) {
    if (view === undefined) continue;
    if (view.bytes % rows !== 0) return [];
    args[name] = { rowBytes: view.bytes / rows, touches: 'own' };
  }
  const members = Object.fromEntries(
    Object.entries(counts).map(([member, times]) => [member, { kind: 'rows', times } as const]),
  );
  return [{ step, split: { rows, unit, members, args, window: undefined, meetings: undefined } }];
}

export function of(params: Params, name: string): number {
  const value = params[name];
  if (typeof value !== 'number') throw new Error(`params have no number ${name}`);
  return value;
}
