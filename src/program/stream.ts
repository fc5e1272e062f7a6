/**
 * Runs a chain of steps some rows at a time: what a row needs is computed just before it, and of a tensor between two steps
 * only the rows still needed are kept, in a window that slides. Invariant: every row is computed once, and before it is read.
 *
 * BEFORE  conv x -> a     depthwise a -> b     conv b -> y                  a and b whole
 * AFTER   first rows of a, b, y;  repeat: conv one row of a, depthwise one row of b, conv one row of y;  last rows
 */
import type { ArenaBuffer, Buffer, Item, Kernel, Step, View } from './program.js';
import { repeated } from './repeat.js';
import { bandStep, lowestRowRead, type RowForm, rowsRead } from './rows.js';
import { slideStep } from './slide.js';

export interface StreamContext {
  readonly kernels: readonly Kernel[];
  /** Touched by steps that are not part of the chain, or by the caller: must be whole. */
  isOutside(buffer: Buffer): boolean;
  scratchBytes(kernel: Kernel, params: Step['params']): number;
}

export interface Stream {
  readonly items: readonly Item[];
  /** Bytes that windows move in a run. */
  readonly slideBytes: number;
  /** Bytes of all windows. */
  readonly windowBytes: number;
  /** Buffers that are windows now. */
  readonly windowed: ReadonlySet<Buffer>;
  /** A buffer for each filling of a window -> the buffer whose rows pass through it, from the first to the last. */
  readonly fillings: ReadonlyMap<ArenaBuffer, Buffer>;
}

/** One call, and the windows that hold nothing any more when it writes to them. */
export interface Event {
  readonly step: Step;
  readonly fresh: ArenaBuffer | undefined;
}

/** Rows of one tensor between two steps of the chain. */
interface Window {
  readonly buffer: ArenaBuffer;
  /** Row that lies in slot 0. */
  base: number;
}

interface Stage {
  readonly form: RowForm;
  /** Stages that compute what it reads, and the stages that read it. */
  readonly sources: readonly { readonly stage: Stage; readonly read: RowForm['reads'][number] }[];
  readonly readers: { readonly stage: Stage; readonly read: RowForm['reads'][number] }[];
  done: number;
}

/**
 * Undefined where the steps are no chain that ends in the last one.
 * @param most rows one call computes: more rows, fewer calls and longer windows.
 */
export function streamSteps(forms: readonly RowForm[], most: number, cx: StreamContext): Stream | undefined {
  const stages = chain(forms);
  const last = stages?.at(-1);
  if (stages === undefined || last === undefined) return undefined;
  const isWindow = ({ form }: Stage) => form.result.buffer.role === 'value' && !cx.isOutside(form.result.buffer);
  if (stages.some((s) => s !== last && s.readers.length === 0)) return undefined;
  const capacity = new Map<Stage, number>();
  inOrder(stages, most, (stage, to) => {
    const rows = to - keptFrom(stage);
    capacity.set(stage, Math.max(capacity.get(stage) ?? 0, rows));
  });
  for (const stage of stages) stage.done = 0;
  const windows = new Map<Stage, Window>();
  const windowed = new Set<Buffer>();
  for (const stage of stages) {
    const { buffer } = stage.form.result;
    if (stage === last || !isWindow(stage) || buffer.role !== 'value') continue;
    const bytes = (capacity.get(stage) ?? 0) * stage.form.rowBytes;
    windows.set(stage, { buffer: { ...buffer, bytes }, base: 0 });
    windowed.add(buffer);
  }
  const scratches = new Map<string, View>();
  let slideBytes = 0;
  const turns: Event[][] = [];
  let events: Event[] = [];
  const call = (stage: Stage, to: number): void => {
    const { form } = stage;
    const window = windows.get(stage);
    let fresh: ArenaBuffer | undefined;
    if (window !== undefined) {
      const kept = keptFrom(stage);
      if (kept >= stage.done) {
        window.base = stage.done;
        fresh = window.buffer;
      } else if ((to - window.base) * form.rowBytes > window.buffer.bytes) {
        const bytes = (stage.done - kept) * form.rowBytes;
        const from = (kept - window.base) * form.rowBytes;
        events.push({ step: slideStep(form.step, window.buffer, from, bytes, cx.kernels), fresh: undefined });
        slideBytes += bytes;
        window.base = kept;
      }
    }
    const place = (name: string, row: number, bytes: number): View => {
      const source = name === 'y' ? stage : stage.sources.find((s) => s.read.name === name)?.stage;
      const held = source && windows.get(source);
      if (source !== undefined && held !== undefined)
        return { buffer: held.buffer, offset: (row - held.base) * source.form.rowBytes, bytes };
      if (name === 'y') return { buffer: form.result.buffer, offset: row * form.rowBytes, bytes };
      const read = form.reads.find((r) => r.name === name);
      if (read === undefined) throw new Error(`no rows of argument ${name}`);
      return { buffer: read.view.buffer, offset: row * read.rowBytes, bytes };
    };
    const scratch = (params: Step['params']): View | undefined => {
      const bytes = cx.scratchBytes(form.step.kernel, params);
      if (bytes === 0) return undefined;
      const key = `${stages.indexOf(stage)} ${bytes}`;
      const old = form.step.args.find((a) => a.access === 'scratch')?.view?.buffer;
      if (old?.role !== 'scratch') throw new Error('scratch that is none');
      const known = scratches.get(key) ?? { buffer: { ...old, name: `${old.name}.${bytes}`, bytes }, offset: 0, bytes };
      scratches.set(key, known);
      return known;
    };
    events.push({ step: bandStep(form, stage.done, to, place, scratch), fresh });
  };
  inOrder(
    stages,
    most,
    call,
    () => {
      turns.push(events);
      events = [];
    },
    (stage) => !windows.has(stage),
  );
  const windowBytes = [...windows.values()].reduce((sum, w) => sum + w.buffer.bytes, 0);
  const rowsOf = new Map([...windows].map(([stage, { buffer }]) => [buffer, stage.form.result.buffer]));
  const { items, fillings } = repeated(turns);
  const filled = [...fillings].flatMap(([filling, window]): [ArenaBuffer, Buffer][] => {
    const buffer = rowsOf.get(window);
    return buffer === undefined ? [] : [[filling, buffer]];
  });
  return { items, slideBytes, windowBytes, windowed, fillings: new Map(filled) };
}

function chain(forms: readonly RowForm[]): readonly Stage[] | undefined {
  const byBuffer = new Map<Buffer, Stage>();
  const stages: Stage[] = [];
  for (const form of forms) {
    const sources = form.reads.flatMap((read) => {
      const stage = byBuffer.get(read.view.buffer);
      return stage === undefined ? [] : [{ stage, read }];
    });
    // Rows of one tensor must mean the same to the step that writes and the step that reads.
    if (sources.some(({ stage, read }) => stage.form.rows !== read.rows)) return undefined;
    const made: Stage = { form, sources, readers: [], done: 0 };
    for (const { stage, read } of sources) stage.readers.push({ stage: made, read });
    if (byBuffer.has(form.result.buffer)) return undefined;
    byBuffer.set(form.result.buffer, made);
    stages.push(made);
  }
  return stages;
}

/** The lowest row of a stage's result that a reader still needs. */
function keptFrom(stage: Stage): number {
  return Math.min(...stage.readers.map((r) => lowestRowRead(r.read, r.stage.done, r.stage.form.rows)), stage.form.rows);
}

/**
 * Calls every stage for its next rows up to `to`, just before the first row that needs them.
 * @param turn after each call of the last stage; rows that only others need come before the last of these.
 * @param isWhole stages of which every row is needed.
 */
function inOrder(
  stages: readonly Stage[],
  most: number,
  call: (stage: Stage, to: number) => void,
  turn: () => void = () => {},
  isWhole: (stage: Stage) => boolean = () => false,
): void {
  const pull = (stage: Stage, upTo: number): void => {
    while (stage.done < upTo) {
      const to = Math.min(stage.done + most, stage.form.rows);
      for (const { stage: source, read } of stage.sources) pull(source, rowsRead(read, stage.done, to).end);
      call(stage, to);
      stage.done = to;
    }
  };
  const last = stages[stages.length - 1];
  while (last.done < last.form.rows) {
    pull(last, last.done + 1);
    if (last.done === last.form.rows) for (const stage of stages) if (isWhole(stage)) pull(stage, stage.form.rows);
    turn();
  }
}
