/**
 * When each arena buffer holds data. Invariant: a lifetime is one closed range of step indices (those of `stepsOf`),
 * and a buffer touched inside a Repeat lives for the whole Repeat, because the next turn may need it again; unless nothing
 * outside touches it and every turn writes before it reads.
 */
import {
  type ArenaBuffer,
  type Buffer,
  bufferBytes,
  type Item,
  type Program,
  type Step,
  type View,
} from './program.js';

export interface Lifetime {
  readonly buffer: ArenaBuffer;
  /** Index of the first and last step during which the bytes must stay in place, both included. */
  readonly first: number;
  readonly last: number;
  /** Indices of the steps that read it, and of those that write it or use it as scratch; ascending. */
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  /**
   * Bytes past its end that some reader may load. They must lie inside the arena; what they hold does not matter, so
   * they may belong to any other buffer.
   */
  readonly slack: number;
}

/** `to` may take the bytes of `from`, provided `from` dies and `to` is born at this step. */
export interface InPlacePair {
  readonly from: ArenaBuffer;
  readonly to: ArenaBuffer;
}

interface Draft {
  readonly buffer: ArenaBuffer;
  first: number;
  last: number;
  readonly reads: number[];
  readonly writes: number[];
  slack: number;
}

/** Lifetimes of all arena buffers a program touches, in order of first touch; then of inputs in the arena that no step reads. */
export function lifetimes(program: Pick<Program, 'body'>, inputs: Program['inputs'] = []): readonly Lifetime[] {
  const drafts = new Map<ArenaBuffer, Draft>();
  const local = turnLocal(program.body);
  let index = 0;
  for (const item of program.body) {
    const first = index;
    const last = index + stepCount(item) - 1;
    for (const { step, shift } of stepsWithShift(item)) {
      const span = (buffer: ArenaBuffer) => (local.has(buffer) ? { first: index, last: index } : { first, last });
      touch(drafts, step, shift, index, span);
      index++;
    }
  }
  for (const { home } of inputs)
    if (home !== undefined && !drafts.has(home))
      drafts.set(home, { buffer: home, first: 0, last: 0, reads: [], writes: [], slack: 0 });
  for (const draft of drafts.values()) {
    if (draft.buffer.caller === 'input') draft.first = 0;
    if (draft.buffer.caller === 'output') draft.last = Math.max(draft.last, index - 1);
  }
  return [...drafts.values()];
}

type Span = (buffer: ArenaBuffer) => { readonly first: number; readonly last: number };

function touch(drafts: Map<ArenaBuffer, Draft>, step: Step, shift: Shift, index: number, span: Span) {
  for (const { view, access } of step.args) {
    if (view === undefined) continue;
    const { buffer } = view;
    if (buffer.role !== 'value' && buffer.role !== 'scratch') continue;
    const known = drafts.get(buffer);
    const draft = known ?? { buffer, ...span(buffer), reads: [], writes: [], slack: 0 };
    if (known === undefined) drafts.set(buffer, draft);
    draft.last = span(buffer).last;
    const indices = access === 'read' ? draft.reads : draft.writes;
    if (indices.at(-1) !== index) indices.push(index);
    if (access !== 'read') continue;
    const end = view.offset + view.bytes + shift(view).high;
    draft.slack = Math.max(draft.slack, end + step.kernel.slack - buffer.bytes);
  }
}

/** Buffers of one Repeat of steps alone that no turn finds anything in: each turn writes the bytes before it reads them. */
function turnLocal(items: readonly Item[]): ReadonlySet<ArenaBuffer> {
  const users = new Map<Buffer, Set<Item>>();
  for (const item of items)
    for (const { step } of stepsWithShift(item))
      for (const { view } of step.args) {
        if (view === undefined) continue;
        const set = users.get(view.buffer) ?? new Set<Item>();
        users.set(view.buffer, set.add(item));
      }
  const local = new Set<ArenaBuffer>();
  for (const item of items) {
    if (item.kind !== 'repeat') continue;
    const steps = item.body.flatMap((inner) => (inner.kind === 'step' ? [inner] : []));
    if (steps.length < item.body.length) continue;
    const moved = new Set(item.advances.map((a) => a.buffer));
    const written = new Map<ArenaBuffer, [number, number][]>();
    const carried = new Set<ArenaBuffer>();
    for (const { args } of steps)
      for (const pass of ['read', 'write'] as const)
        for (const { view, access } of args) {
          if (view === undefined || (access === 'read') !== (pass === 'read')) continue;
          const { buffer, offset, bytes } = view;
          if (buffer.role !== 'value' && buffer.role !== 'scratch') continue;
          const ranges = written.get(buffer) ?? [];
          written.set(buffer, ranges);
          if (pass === 'write') ranges.push([offset, offset + bytes]);
          else if (!isCovered(offset, offset + bytes, ranges)) carried.add(buffer);
        }
    for (const buffer of written.keys())
      if (!carried.has(buffer) && !moved.has(buffer) && users.get(buffer)?.size === 1) local.add(buffer);
  }
  return local;
}

function isCovered(low: number, high: number, ranges: readonly (readonly [number, number])[]): boolean {
  let at = low;
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) if (from <= at) at = Math.max(at, to);
  return at >= high;
}

/** How far the Repeats around a step move a view: lowest and highest displacement in bytes. */
export type Shift = (view: View) => { readonly low: number; readonly high: number };

/** The steps of one item in order, each with the displacement its views go through. */
export function stepsWithShift(item: Item): readonly { readonly step: Step; readonly shift: Shift }[] {
  if (item.kind === 'step') return [{ step: item, shift: () => ({ low: 0, high: 0 }) }];
  return item.body.flatMap(stepsWithShift).map(({ step, shift }) => ({
    step,
    shift: (view) => {
      let { low, high } = shift(view);
      for (const advance of item.advances) {
        if (advance.buffer !== view.buffer) continue;
        const total = (item.count - 1) * advance.bytes;
        low += Math.min(0, total);
        high += Math.max(0, total);
      }
      return { low, high };
    },
  }));
}

export function stepCount(item: Item): number {
  return item.kind === 'step' ? 1 : item.body.reduce((sum, inner) => sum + stepCount(inner), 0);
}

/**
 * The buffers a top-level step could overlay, judged from the step alone: whole arena values, touched by no other
 * argument (a kernel that may write over `residual` may still need `x`), the result no longer and no more aligned.
 */
export function inPlacePair(item: Item): InPlacePair | undefined {
  if (item.kind !== 'step' || item.inPlace === undefined) return undefined;
  const source = item.args.find((a) => a.name === item.inPlace && a.access === 'read')?.view;
  const target = item.args.find((a) => a.access === 'write')?.view;
  if (source === undefined || target === undefined || !isWhole(source) || !isWhole(target)) return undefined;
  const from = source.buffer;
  const to = target.buffer;
  if (from.role !== 'value' || to.role !== 'value' || from === to) return undefined;
  // What the caller reads after the run outlives every step.
  if (from.caller === 'output' || to.bytes > from.bytes || to.align !== from.align) return undefined;
  const touches = (buffer: ArenaBuffer) => item.args.filter((a) => a.view?.buffer === buffer).length;
  return touches(from) === 1 && touches(to) === 1 ? { from, to } : undefined;
}

function isWhole(view: View): boolean {
  return view.offset === 0 && view.bytes === bufferBytes(view.buffer);
}
