/**
 * stream-rows: runs of steps that keep the peak of live bytes high are run some rows at a time, so that tensors between
 * them are never whole, and results overwrite what has been read of the operands. Which runs: the ones that make the peak
 * smallest, and among those the ones with the least copying and the fewest calls.
 *
 * BEFORE  conv x -> v0 (36864 bytes)   depthwise v0 -> v1   conv v1 -> v2
 * AFTER   conv, depthwise, conv: first rows;   repeat 21: slide, conv, depthwise, conv;   last rows      v0: 3 rows
 *
 * Exact, because each row is computed once, by the same kernel, from the same rows.
 */
import { place, placementProblem } from '../src/program/arena.js';
import { inPlacePair, lifetimes, stepCount } from '../src/program/liveness.js';
import { alignUp } from '../src/program/placement.js';
import {
  type Buffer,
  callsOf,
  type Item,
  type Kernel,
  type Program,
  type Step,
  stepBuffer,
  type View,
} from '../src/program/program.js';
import { rowForm } from '../src/program/rows.js';
import { type Stream, streamSteps } from '../src/program/stream.js';
import { evaluateScratch } from '../src/target/kernels.js';

export const name = 'stream-rows';
export const doc = 'Runs chains of steps row by row where that lowers the peak of live bytes.';

/** Looks at blocks to place one part. */
const TRY = 2e4;
/** Steps of one chain at most. */
const LONGEST = 24;
/** And without copies: a row passes through. */
const SHORT = 3;

/** One way to run the steps [from, to). */
interface Part {
  readonly from: number;
  readonly to: number;
  readonly items: readonly Item[];
  /** Tensors that are never whole; undefined: the step runs as a whole. */
  readonly windowed: ReadonlySet<Buffer> | undefined;
  readonly fillings: Stream['fillings'];
  /** Bytes of its windows. */
  readonly kept: number;
  /** Bytes of the arena while it runs. */
  readonly peak: number;
  /** What it costs beyond whole steps: bytes copied, calls made. */
  readonly price: number;
}

/** What a call and a line of a body cost, in copied bytes. */
const CALL = 64;
const LINE = 256;

/** Rows of one call that are tried where one row at a time fits. */
const BANDS = [2, 4, 8, 16];

/**
 * @param chains true: the smallest peak there is. False: no row is copied, and nothing is streamed that keeps the peak within
 * what one step takes anyway, its operands and its result.
 */
export function streamRows(program: Program, kernels: readonly Kernel[], chains: boolean): Program {
  const steps = program.body.flatMap((item) => (item.kind === 'step' ? [item] : []));
  if (steps.length < program.body.length) return program;
  const uses = usesOf(program, steps);
  const rowsOf = rowsByBuffer(program);
  const forms = steps.map((step) => rowForm(step, rowsOf));
  const whole = (from: number): Part => ({ ...partOf(from, from + 1, [steps[from]]), price: 0 });
  const parts = steps.map((_, i) => whole(i));
  let smallest = smallestPeak(parts, steps.length);
  // Windows only grow with a chain: one that is beyond the best so far need not grow on.
  const isHopeless = new Set<number>();
  for (let length = 1; length <= (chains ? LONGEST : SHORT); length++) {
    for (let from = 0; from + length <= steps.length; from++) {
      if (isHopeless.has(from)) continue;
      const found = streamed(from, from + length, 1);
      parts.push(...found);
      if (forms[from + length - 1] === undefined || found.some((p) => p.kept > smallest)) isHopeless.add(from);
    }
    smallest = smallestPeak(parts, steps.length);
  }
  const limit = chains ? smallest : Math.max(smallest, ...steps.map(tensorBytes));
  const chosen = cheapest(parts, steps.length, limit).map((part) => {
    if (part.windowed === undefined) return part;
    const wider = BANDS.flatMap((rows) => streamed(part.from, part.to, rows)).filter((p) => p.peak <= limit);
    return wider.reduce((best, p) => (p.price < best.price ? p : best), part);
  });
  const windowed = new Set(chosen.flatMap((p) => [...(p.windowed ?? [])]));
  const valueIn = new Map<Buffer, Program['values'][number]['value']>(program.values.map((v) => [v.buffer, v.value]));
  return {
    ...program,
    body: chosen.flatMap((p) => p.items),
    values: program.values.filter((v) => !windowed.has(v.buffer)),
    windows: chosen.flatMap((p) =>
      [...p.fillings].flatMap(([buffer, of]) => {
        const value = valueIn.get(of);
        return value === undefined ? [] : [{ buffer, value }];
      }),
    ),
  };

  function partOf(from: number, to: number, items: readonly Item[]) {
    return { from, to, items, windowed: undefined, fillings: new Map(), kept: 0, peak: peakOf(items, from, to, uses) };
  }

  /** The steps as a stream, if they are one. */
  function streamed(from: number, to: number, rows: number): readonly Part[] {
    const chain = forms.slice(from, to).flatMap((f) => f ?? []);
    if (chain.length < to - from) return [];
    const stream = streamSteps(chain, rows, {
      kernels,
      isOutside: (buffer) => (uses.get(buffer) ?? []).some((i) => i < from || i >= to),
      scratchBytes: (kernel, params) => evaluateScratch(kernel.scratch, params),
    });
    if (stream === undefined || (!chains && stream.slideBytes > 0)) return [];
    const calls = callsOf(stream.items);
    const runs = calls.reduce((sum, { times }) => sum + times, 0);
    const price = stream.slideBytes + CALL * runs + LINE * calls.length;
    return [
      {
        ...partOf(from, to, stream.items),
        windowed: stream.windowed,
        fillings: stream.fillings,
        kept: stream.windowBytes,
        price,
      },
    ];
  }
}

/** Bytes of the arena that the operands and the result of a step take. */
function tensorBytes(step: Step): number {
  const buffers = new Set(step.args.flatMap((a) => (a.access === 'scratch' ? [] : (a.view?.buffer ?? []))));
  let sum = 0;
  for (const b of buffers) if (b.role === 'value') sum += alignUp(b.bytes, b.align);
  const pair = inPlacePair(step);
  return pair === undefined ? sum : sum - alignUp(pair.to.bytes, pair.to.align);
}

/** Indices of the steps that touch a buffer, ascending; the caller touches inputs and outputs in the arena before and after. */
function usesOf({ inputs, outputs }: Program, steps: readonly Step[]): ReadonlyMap<Buffer, readonly number[]> {
  const uses = new Map<Buffer, number[]>();
  for (const { home } of inputs) if (home !== undefined) uses.set(home, [-1]);
  for (const [i, { args }] of steps.entries())
    for (const { view } of args) {
      if (view === undefined) continue;
      const list = uses.get(view.buffer) ?? [];
      uses.set(view.buffer, list);
      if (list.at(-1) !== i) list.push(i);
    }
  for (const { home } of outputs) if (home !== undefined) uses.get(home)?.push(steps.length);
  return uses;
}

/** Rows of the tensors [1, h, w, c] that have a buffer of their own. */
function rowsByBuffer(program: Program): (view: View) => number | undefined {
  const shapes = new Map<Buffer, readonly number[]>(program.inputs.map((b) => [stepBuffer(b), b.type.shape]));
  for (const { buffer, value } of program.values) shapes.set(buffer, value.type.shape);
  return ({ buffer }) => {
    const shape = shapes.get(buffer);
    return shape?.length === 4 && shape[0] === 1 ? shape[1] : undefined;
  };
}

/** The arena of the part alone, placed with little effort, and what lives through it untouched. */
function peakOf(
  items: readonly Item[],
  from: number,
  to: number,
  uses: ReadonlyMap<Buffer, readonly number[]>,
): number {
  const end = items.reduce((sum, item) => sum + stepCount(item), 0) - 1;
  const lives = lifetimes({ body: items }).map((life) => {
    const at = uses.get(life.buffer) ?? [];
    return {
      ...life,
      first: at.some((i) => i < from) ? 0 : life.first,
      last: at.some((i) => i >= to) ? end : life.last,
    };
  });
  const touched = new Set<Buffer>(lives.map((l) => l.buffer));
  let through = 0;
  for (const [buffer, at] of uses)
    if ((buffer.role === 'value' || buffer.role === 'scratch') && !touched.has(buffer))
      if (at[0] < from && at[at.length - 1] >= to) through += alignUp(buffer.bytes, buffer.align);
  return through + place(placementProblem(items, lives), TRY).bytes;
}

function endingAt(parts: readonly Part[], end: number): readonly (readonly Part[])[] {
  const lists = Array.from({ length: end + 1 }, (): Part[] => []);
  for (const p of parts) lists[p.to].push(p);
  return lists;
}

/** The largest peak of parts end to end, for the parts where that is smallest. */
function smallestPeak(parts: readonly Part[], end: number): number {
  const lists = endingAt(parts, end);
  const peaks = [0];
  for (let at = 1; at <= end; at++) peaks.push(Math.min(...lists[at].map((p) => Math.max(peaks[p.from], p.peak))));
  return peaks[end];
}

/** The cheapest parts, end to end, none with a peak beyond `limit`. */
function cheapest(parts: readonly Part[], end: number, limit: number): readonly Part[] {
  const lists = endingAt(parts, end);
  const best: { readonly price: number; readonly last: Part | undefined }[] = [{ price: 0, last: undefined }];
  for (let at = 1; at <= end; at++) {
    let found: { readonly price: number; readonly last: Part | undefined } = { price: Infinity, last: undefined };
    for (const p of lists[at]) {
      const price = best[p.from].price + p.price;
      if (p.peak <= limit && price < found.price) found = { price, last: p };
    }
    best.push(found);
  }
  const chosen: Part[] = [];
  for (let at = end; at > 0; ) {
    const { last } = best[at];
    if (last === undefined) throw new Error('no way to run every step');
    chosen.push(last);
    at = last.from;
  }
  return chosen.reverse();
}
