/**
 * Runs a placed Program on labels instead of numbers: every arena byte remembers which byte of which buffer it holds.
 * Invariant: a step reads only what was written for it; a program in which one buffer destroys another is a bug of qcc.
 */
import type { ArenaBuffer, Item, PlacedProgram, Step, View } from './program.js';
import { stepsOf } from './program.js';
import { mayLieOver } from './rows.js';

/** Says what is wrong; undefined where every read finds what its buffer holds. */
export function placementFault(program: PlacedProgram): string | undefined {
  const buffers = new Map<ArenaBuffer, number>();
  const labelOf = (buffer: ArenaBuffer): number => {
    const known = buffers.get(buffer) ?? buffers.size + 1;
    buffers.set(buffer, known);
    return known;
  };
  const owner = new Int32Array(program.arenaBytes);
  const position = new Int32Array(program.arenaBytes);
  const indexOf = new Map(stepsOf(program.body).map((step, i) => [step, i]));
  let fault: string | undefined;

  const place = (view: View, moved: number) => {
    const { buffer } = view;
    if (buffer.role !== 'value' && buffer.role !== 'scratch') return undefined;
    const from = view.offset + moved;
    const at = (program.offsets.get(buffer) ?? 0) + from;
    return { buffer, label: labelOf(buffer), from, at, bytes: view.bytes };
  };
  for (const { home } of program.inputs) {
    if (home === undefined) continue;
    const at = program.offsets.get(home) ?? 0;
    if (owner.subarray(at, at + home.bytes).some((label) => label !== 0))
      fault = `input ${home.name} lies over another`;
    owner.fill(labelOf(home), at, at + home.bytes);
    for (let i = 0; i < home.bytes; i++) position[at + i] = i;
  }
  const report = (step: Step, what: string) => {
    fault ??= `step ${indexOf.get(step)} (${step.op}, ${step.kernel.symbol}) ${what}`;
  };
  const run = (step: Step, moves: ReadonlyMap<unknown, number>): void => {
    const spots = step.args.flatMap(({ name, view, access }) => {
      const spot = view && place(view, moves.get(view.buffer) ?? 0);
      return spot === undefined ? [] : [{ ...spot, name, access }];
    });
    for (const { buffer, from, at, bytes, name } of spots)
      if (from < 0 || from + bytes > buffer.bytes || at + bytes > program.arenaBytes)
        report(step, `leaves buffer ${buffer.name} with ${name}`);
    if (fault !== undefined) return;
    for (const { label, from, at, bytes, access, buffer, name } of spots) {
      if (access !== 'read') continue;
      for (let i = 0; i < bytes; i++)
        if (owner[at + i] !== label || position[at + i] !== from + i)
          return report(step, `reads byte ${from + i} of ${buffer.name} as ${name}, which is not there`);
    }
    // A result may share bytes with an operand only where the kernel takes that, exactly in place.
    for (const a of spots)
      for (const b of spots) {
        if (a === b || a.access === 'read' || !(a.at < b.at + b.bytes && b.at < a.at + a.bytes)) continue;
        const isInPlace =
          a.access === 'write' &&
          ((step.inPlace === b.name && a.at === b.at) || (mayLieOver(step, b.name) && a.at <= b.at));
        if (!isInPlace && step.kernel.family !== 'slide') report(step, `overwrites ${b.name} with ${a.name}`);
      }
    for (const { label, from, at, bytes, access } of spots) {
      if (access === 'read') continue;
      owner.fill(label, at, at + bytes);
      for (let i = 0; i < bytes; i++) position[at + i] = from + i;
    }
  };
  const visit = (item: Item, moves: ReadonlyMap<unknown, number>): void => {
    if (item.kind === 'step') return run(item, moves);
    for (let turn = 0; turn < item.count && fault === undefined; turn++) {
      const inner = new Map(moves);
      for (const { buffer, bytes } of item.advances) inner.set(buffer, (inner.get(buffer) ?? 0) + turn * bytes);
      for (const part of item.body) visit(part, inner);
    }
  };
  for (const item of program.body) if (fault === undefined) visit(item, new Map());
  for (const { home } of program.outputs) {
    if (home === undefined || fault !== undefined) continue;
    const at = program.offsets.get(home) ?? 0;
    for (let i = 0; i < home.bytes; i++)
      if (owner[at + i] !== labelOf(home) || position[at + i] !== i)
        return `output ${home.name} is not there at the end, at byte ${i}`;
  }
  return fault;
}
