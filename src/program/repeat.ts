/**
 * Finds the loop in a sequence of turns: the longest run of turns that do the same, whole buffers moved on by the same
 * bytes from one to the next. Invariant: the loop unrolled is the sequence, call by call.
 */
import type { ArenaBuffer, Buffer, Item, Params, Repeat, Step, View } from './program.js';
import type { Event } from './stream.js';

/** Turns that may make one body: windows may slide in every second or third turn only. */
const LONGEST = 4;

interface Run {
  readonly start: number;
  readonly length: number;
  readonly count: number;
  readonly deltas: ReadonlyMap<Buffer, number>;
}

export interface Repeated {
  readonly items: readonly Item[];
  /** A buffer for each filling of a window -> the window. */
  readonly fillings: ReadonlyMap<ArenaBuffer, ArenaBuffer>;
}

/** The last turn is never part of the loop: what a tensor holds is complete after a step outside it. */
export function repeated(turns: readonly (readonly Event[])[]): Repeated {
  const versions = new Versions();
  const items = itemsOf(turns, versions);
  return { items, fillings: versions.fillings };
}

function itemsOf(turns: readonly (readonly Event[])[], versions: Versions): readonly Item[] {
  const run = bestRun(turns);
  if (run === undefined) return turns.flat().map((event) => versions.after(event));
  const end = run.start + run.length * run.count;
  const before = turns.slice(0, run.start).flat();
  const body = turns.slice(run.start, run.start + run.length).flat();
  return [
    ...before.map((event) => versions.after(event)),
    versions.loop(body, run),
    ...turns
      .slice(end)
      .flat()
      .map((event) => versions.after(event)),
  ];
}

function bestRun(turns: readonly (readonly Event[])[]): Run | undefined {
  let best: Run | undefined;
  let saved = 0;
  const size = (from: number, to: number) => turns.slice(from, to).reduce((sum, t) => sum + t.length, 0);
  for (let length = 1; length <= LONGEST; length++) {
    const deltas = turns.map((turn, i) =>
      i + length < turns.length - 1 ? movement(turn, turns[i + length]) : undefined,
    );
    for (let start = 0; start + 2 * length < turns.length; start++) {
      const first = deltas[start];
      if (first === undefined) continue;
      let end = start + 1;
      for (let known = first; end < deltas.length; end++) {
        const next = deltas[end];
        const joined = next && together(known, next);
        if (joined === undefined) break;
        known = joined;
      }
      const count = Math.floor((end - start) / length) + 1;
      if (count < 2) continue;
      const saving = size(start + length, start + length * count);
      if (saving <= saved) continue;
      saved = saving;
      const all = new Map<Buffer, number>();
      for (const part of deltas.slice(start, start + length))
        for (const [buffer, bytes] of part ?? []) all.set(buffer, bytes);
      best = { start, length, count, deltas: all };
    }
  }
  return best;
}

/** How far each buffer moves from one turn to another; undefined where they differ in anything else. */
function movement(a: readonly Event[], b: readonly Event[]): ReadonlyMap<Buffer, number> | undefined {
  if (a.length !== b.length) return undefined;
  const deltas = new Map<Buffer, number>();
  for (const [i, { step, fresh }] of a.entries()) {
    const other = b[i];
    if (other.step.kernel !== step.kernel || other.step.origin !== step.origin || other.fresh !== fresh)
      return undefined;
    if (!sameParams(other.step.params, step.params)) return undefined;
    for (const [k, { view }] of step.args.entries()) {
      const moved = other.step.args[k].view;
      if (view === undefined || moved === undefined) {
        if (view !== moved) return undefined;
        continue;
      }
      if (view.buffer !== moved.buffer || view.bytes !== moved.bytes) return undefined;
      const delta = moved.offset - view.offset;
      if ((deltas.get(view.buffer) ?? delta) !== delta) return undefined;
      deltas.set(view.buffer, delta);
    }
  }
  return deltas;
}

/** Bands of one layer: the same object throughout but for the numbers of a band. */
function sameParams(a: Params, b: Params): boolean {
  return Object.keys(a).every((name) => a[name] === b[name]);
}

/** Both, if they agree on what they share. */
function together(
  a: ReadonlyMap<Buffer, number>,
  b: ReadonlyMap<Buffer, number>,
): ReadonlyMap<Buffer, number> | undefined {
  for (const [buffer, delta] of b) if ((a.get(buffer) ?? delta) !== delta) return undefined;
  return new Map([...a, ...b]);
}

/** A window that has become empty may lie elsewhere when it fills again: each filling is a buffer of its own. */
class Versions {
  readonly #now = new Map<ArenaBuffer, ArenaBuffer>();
  readonly #count = new Map<ArenaBuffer, number>();
  readonly fillings = new Map<ArenaBuffer, ArenaBuffer>();

  after({ step, fresh }: Event): Step {
    if (fresh !== undefined) {
      const serial = this.#count.get(fresh) ?? 0;
      this.#count.set(fresh, serial + 1);
      const filling = { ...fresh, name: `${fresh.name}.${serial}` };
      this.#now.set(fresh, filling);
      this.fillings.set(filling, fresh);
    }
    return this.#renamed(step);
  }

  /** A window that holds rows when a turn begins is the same buffer in all turns. */
  loop(body: readonly Event[], { count, deltas }: Run): Repeat {
    const isCarried = (buffer: ArenaBuffer) =>
      body.find(({ step }) => step.args.some((a) => a.view?.buffer === buffer))?.fresh !== buffer;
    const steps = body.map((event) => {
      const isNew = event.fresh !== undefined && !isCarried(event.fresh);
      return isNew ? this.after(event) : this.#renamed(event.step);
    });
    const advances = [...deltas].flatMap(([buffer, bytes]) => (bytes === 0 ? [] : [{ buffer, bytes }]));
    return { kind: 'repeat', count, advances, body: steps };
  }

  #renamed(step: Step): Step {
    const rename = (view: View | undefined): View | undefined => {
      if (view === undefined || (view.buffer.role !== 'value' && view.buffer.role !== 'scratch')) return view;
      const buffer = this.#now.get(view.buffer);
      return buffer === undefined ? view : { ...view, buffer };
    };
    return { ...step, args: step.args.map((arg) => ({ ...arg, view: rename(arg.view) })) };
  }
}
