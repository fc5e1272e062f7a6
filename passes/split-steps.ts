/**
 * split-steps: shares the rows of steps out among parts that run at the same time, and says where they wait for each other.
 * A step that is too small to be worth a barrier stays with part 0; steps of which each part needs its own rows only follow
 * each other without one.
 *
 * BEFORE  quantize x -> v0   conv3x3 v0 -> v1   conv1x1 v1 -> v2   softmax v2 -> y
 * AFTER   quantize: 224 rows | conv3x3: 112 rows, conv1x1: 112 rows | softmax: part 0        |: all parts meet
 *
 * Exact, because a row is computed by the same kernel from the same bytes, whoever does it.
 */
import { type Access, accessesOf, barrierBytes, mayMeet, rowsOfPart } from '../src/program/parts.js';
import {
  type ArenaBuffer,
  type Arg,
  type Buffer,
  bufferBytes,
  type Program,
  type Split,
  type Step,
  stepBuffer,
  type View,
  wholeView,
} from '../src/program/program.js';
import { splitForms } from '../src/program/split.js';
import type { SplitForm } from '../src/program/split-form.js';
import { evaluateScratch } from '../src/target/kernels.js';

export const name = 'split-steps';
export const doc = 'Shares steps out among parts that run at the same time.';

/** Cycles: all parts wait for the last one; a call; one more run of several parts is begun and ended. */
const BARRIER = 1200;
const CALL = 100;
const START = 6000;
/** Bytes for each part that a group may write: about half of a core's second cache, for the planner reuses none within. */
const ROOM = 1 << 19;
/** Ways to run the program so far that are followed. */
const BEAM = 8;

/** One way to run the steps so far. */
interface Way {
  /** Cycles until the last barrier. */
  readonly cycles: number;
  /** Cycles of each part since then. */
  readonly loads: readonly number[];
  /** What the parts have touched since then. */
  readonly accesses: readonly Access[];
  readonly last: Choice | undefined;
}
interface Choice {
  readonly before: Choice | undefined;
  /** Undefined: part 0 runs it as it is. */
  readonly form: SplitForm | undefined;
  readonly isAfterBarrier: boolean;
}

/** @param most parts. Undefined where one part alone is faster. */
export function splitSteps(program: Program, most: number): Program | undefined {
  const steps = program.body.flatMap((item) => (item.kind === 'step' ? [item] : []));
  if (steps.length < program.body.length) throw new Error('loops cannot be shared out among parts');
  const shapeOf = shapesOf(program);
  let ways: readonly Way[] = [{ cycles: START, loads: new Array<number>(most).fill(0), accesses: [], last: undefined }];
  let alone = 0;
  for (const step of steps) {
    const options = optionsOf(step, shapeOf, most);
    alone += options[0].loads[0];
    ways = ways
      .flatMap((way) => options.map((option) => next(way, option)))
      .sort((a, b) => costOf(a) - costOf(b))
      .slice(0, BEAM);
  }
  const best = ways[0];
  return costOf(best) < alone ? shared(program, steps, choicesOf(best), most) : undefined;
}

interface Option {
  readonly form: SplitForm | undefined;
  readonly accesses: readonly Access[];
  readonly loads: readonly number[];
}

function optionsOf(
  step: Step,
  shapeOf: (view: View) => readonly number[] | undefined,
  most: number,
): readonly Option[] {
  const cycles = cyclesOf(step);
  const alone = Array.from({ length: most }, (_, part) => (part === 0 ? cycles + CALL : 0));
  const result = step.args.find((a) => a.access === 'write')?.view;
  const forms = cycles > 2 * CALL ? splitForms(step, result && shapeOf(result)) : [];
  return [
    { form: undefined, accesses: accessesOf(step, undefined, most), loads: alone },
    ...forms.map((form) => ({
      form,
      accesses: accessesOf(form.step, form.split, most),
      loads: alone.map((_, part) => {
        const { rows, meetings = 0 } = form.split;
        const { count } = rowsOfPart(form.split, part, most);
        return (count === 0 ? 0 : (cycles * count) / rows + CALL) + meetings * BARRIER;
      }),
    })),
  ];
}

/** The kernel's own rate, on multiply-accumulates or on elements of what it writes and reads. */
function cyclesOf({ macs, kernel, args }: Step): number {
  const written = args.filter((a) => a.access === 'write').reduce((sum, a) => sum + (a.view?.bytes ?? 0), 0);
  const read = args.reduce((most, a) => (isActivation(a) ? Math.max(most, a.view?.bytes ?? 0) : most), 0);
  return (10 * (macs > 0 ? macs : Math.max(written, read))) / kernel.rate;
}

function isActivation({ access, view }: Arg): boolean {
  return access === 'read' && view !== undefined && view.buffer.role !== 'constant';
}

function next(way: Way, option: Option): Way {
  const accesses = [...way.accesses, ...option.accesses];
  const room = ROOM * option.loads.length;
  const isRoomy = way.accesses.length === 0 || written(accesses) <= room || written(option.accesses) > room;
  const isFree = isRoomy && option.accesses.every((a) => way.accesses.every((b) => mayMeet(a, b)));
  const last = { before: way.last, form: option.form, isAfterBarrier: !isFree };
  if (!isFree) return { cycles: costOf(way) + BARRIER, loads: option.loads, accesses: option.accesses, last };
  return {
    cycles: way.cycles,
    loads: way.loads.map((load, part) => load + option.loads[part]),
    accesses,
    last,
  };
}

function written(accesses: readonly Access[]): number {
  return accesses.reduce((sum, { isWrite, range }) => sum + (isWrite ? range.high - range.low : 0), 0);
}

function costOf(way: Way): number {
  return way.cycles + Math.max(...way.loads);
}

function choicesOf(way: Way): readonly Choice[] {
  const choices: Choice[] = [];
  for (let at = way.last; at !== undefined; at = at.before) choices.push(at);
  return choices.reverse();
}

/** The program as chosen; all steps of a group share one scratch buffer, of which each part has a piece. */
function shared(program: Program, steps: readonly Step[], choices: readonly Choice[], most: number): Program {
  const groupOf: number[] = [];
  for (const { isAfterBarrier } of choices) groupOf.push((groupOf.at(-1) ?? 0) + (isAfterBarrier ? 1 : 0));
  const scratch = scratchBuffers(steps, choices, groupOf, most);
  const splits = new Map<Step, Split>();
  const groups = new Map<Step, number>();
  const body = steps.map((step, i) => {
    const { form } = choices[i];
    const made = withScratch(form?.step ?? step, scratch.get(groupOf[i]));
    groups.set(made, groupOf[i]);
    if (form !== undefined) splits.set(made, form.split);
    return made;
  });
  const barrier: ArenaBuffer = { role: 'scratch', name: 'barrier', bytes: barrierBytes(most), align: 64 };
  return { ...program, body, parts: { most, splits, groups, barrier } };
}

function scratchBuffers(
  steps: readonly Step[],
  choices: readonly Choice[],
  groupOf: readonly number[],
  most: number,
): ReadonlyMap<number, ArenaBuffer> {
  const largest = new Map<number, number>();
  for (const [i, step] of steps.entries()) {
    const bytes = scratchBytes(choices[i].form?.step ?? step);
    if (bytes > 0) largest.set(groupOf[i], Math.max(largest.get(groupOf[i]) ?? 0, bytes));
  }
  return new Map(
    [...largest].map(([group, bytes]) => {
      const each = Math.ceil(bytes / 64) * 64;
      return [group, { role: 'scratch', name: `s${group}`, bytes: each * most, align: 64 } as const];
    }),
  );
}

/** What the kernel wants for all rows: for fewer it wants no more. */
function scratchBytes(step: Step): number {
  const view = step.args.find((a) => a.access === 'scratch')?.view;
  return view === undefined ? 0 : Math.max(view.bytes, evaluateScratch(step.kernel.scratch, step.params));
}

function withScratch(step: Step, buffer: ArenaBuffer | undefined): Step {
  const bytes = scratchBytes(step);
  if (buffer === undefined || bytes === 0) return { ...step };
  const view: View = { buffer, offset: 0, bytes };
  return { ...step, args: step.args.map((a) => (a.access === 'scratch' ? { ...a, view } : a)) };
}

/** Shapes of the tensors that have a buffer of their own. */
function shapesOf(program: Program): (view: View) => readonly number[] | undefined {
  const shapes = new Map<Buffer, readonly number[]>(
    [...program.inputs, ...program.outputs].map((b) => [stepBuffer(b), b.type.shape]),
  );
  for (const { buffer, value } of program.values) shapes.set(buffer, value.type.shape);
  return (view) => {
    const { offset, bytes } = wholeView(view.buffer);
    return view.offset === offset && view.bytes === bytes && bufferBytes(view.buffer) > 0
      ? shapes.get(view.buffer)
      : undefined;
  };
}
