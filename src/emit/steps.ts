/** The steps of a Program as the template prints them: a flat list, loops opened and closed around their bodies. */
import { scratchStride } from '../program/parts.js';
import type { Arg, Buffer, Item, Parts, PlacedProgram, Split, Step, View } from '../program/program.js';
import { stepsOf } from '../program/program.js';
import { rowMembers } from '../program/rows.js';
import { commentText } from './c-text.js';
import { structLiteral, type Use } from './instances.js';
import { tracedArgs } from './trace.js';

export interface StepView {
  readonly index: number;
  /** Lines before and after: loops over turns. */
  readonly opens: readonly string[];
  readonly closes: readonly string[];
  readonly title: string;
  readonly detail: string;
  readonly place: string;
  /** Declares `d`, which the call reads: in a block of its own, so that steps share its place on the stack. */
  readonly data: string;
  /** Declares what a part needs to know of its rows. */
  readonly locals: readonly string[];
  /** The call has a block of its own. */
  readonly isBlock: boolean;
  /** All parts meet before this step. */
  readonly isMeeting: boolean;
  readonly call: string;
  /** Calls of the hook of a traced build. */
  readonly traces: readonly string[];
}

export interface StepContext {
  readonly program: PlacedProgram;
  /** C expression of a pointer to the first byte of a buffer, cast to bytes; undefined: there is none. */
  base(buffer: Buffer): { readonly symbol: string; readonly offset: number } | undefined;
  use(step: Step): Use;
  structs(step: Step): string;
  /** Function that sees what a step wrote. */
  readonly hook: string | undefined;
}

/** How far the loops around a step move a buffer: `turn * 768u`. */
type Moves = ReadonlyMap<Buffer, readonly string[]>;

export function stepViews(cx: StepContext): readonly StepView[] {
  const views: StepView[] = [];
  const visit = (item: Item, moves: Moves, opens: readonly string[], depth: number): void => {
    if (item.kind === 'step') {
      views.push(stepView(item, views.length, moves, opens, cx));
      return;
    }
    const turn = depth === 0 ? 'turn' : `turn_${depth + 1}`;
    const inner = new Map(moves);
    for (const { buffer, bytes } of item.advances) {
      const move = `${bytes < 0 ? '-' : '+'} ${turn} * ${Math.abs(bytes)}u`;
      inner.set(buffer, [...(inner.get(buffer) ?? []), move]);
    }
    const open = `for (size_t ${turn} = 0; ${turn} < ${item.count}u; ${turn}++) {`;
    for (const [i, part] of item.body.entries()) visit(part, inner, i === 0 ? [...opens, open] : [], depth + 1);
    const last = views.length - 1;
    views[last] = { ...views[last], closes: [...views[last].closes, '}'] };
  };
  for (const item of cx.program.body) visit(item, new Map(), [], 0);
  return views;
}

/** What an instance must agree on: a band's rows are arguments, so that all bands of a layer are one. */
export function instanceKey(step: Step, split: Split | undefined): string {
  if (step.band === undefined && split === undefined) return JSON.stringify(step.params);
  const isFree = (name: string) => (split === undefined ? rowMembers.has(name) : split.members[name] !== undefined);
  const kept = Object.entries(step.params).filter(([name]) => !isFree(name));
  return `rows ${JSON.stringify(Object.fromEntries(kept))}`;
}

function stepView(step: Step, index: number, moves: Moves, opens: readonly string[], cx: StepContext): StepView {
  const { data, band } = step;
  const { parts } = cx.program;
  const split = parts?.splits.get(step);
  const use = cx.use(step);
  const args = step.args.map((a) => {
    const moved = parts === undefined || split === undefined ? '' : movedBy(a, split, parts);
    return `(${a.access === 'read' ? 'const void' : 'void'} *)(${pointer(a.view, moves, moved, cx)})`;
  });
  const rows = band === undefined ? '' : `, ${band.rows} of ${band.of} rows`;
  const leading = use.leading.map(({ path, literal }) => (split && memberText(split, path)) ?? literal);
  const declared = data === undefined ? '' : `const struct qcc_${cx.structs(step)}_data d = ${structLiteral(data)};`;
  const meetsInside = split?.meetings !== undefined;
  const before = [...leading, ...(meetsInside ? ['t'] : []), ...(data === undefined ? [] : ['d'])];
  const called = `${use.instance.name}(${[...before, ...args].join(', ')});`;
  const guard = split === undefined ? 'if (part == 0u) ' : meetsInside ? '' : 'if (r.count > 0) ';
  return {
    index,
    opens,
    closes: [],
    title: `${index}  ${step.op}${rows}  from ${step.origin.names.map((n) => `"${commentText(n)}"`).join(', ')}`,
    detail: `${step.shapes}   ${step.quant}`,
    place: `kernel ${step.kernel.tile} ${step.kernel.isa}   ${placeText(step, cx)}`,
    data: declared,
    locals: split === undefined ? [] : localsOf(split),
    isBlock: data !== undefined || split !== undefined,
    isMeeting: parts !== undefined && isMeeting(index, cx.program, parts),
    call: parts === undefined ? called : `${guard}${called}`,
    traces:
      cx.hook === undefined
        ? []
        : tracedArgs(step).map(
            ({ view }) => `${cx.hook}(${index}u, (const void *)(${pointer(view, moves, '', cx)}), ${view?.bytes}u);`,
          ),
  };
}

function isMeeting(index: number, { body }: PlacedProgram, { groups }: Parts): boolean {
  const steps = stepsOf(body);
  return index > 0 && groups.get(steps[index]) !== groups.get(steps[index - 1]);
}

function localsOf({ rows, unit, window, meetings }: Split): readonly string[] {
  const own = `const struct qcc_rows r = qcc_rows_of(part, parts, ${rows}, ${unit});`;
  if (meetings !== undefined) return [own, 'const struct qcc_share t = qcc_share_of(r, &meeting);'];
  if (window === undefined) return [own];
  const { rows: image, size, stride, pad } = window;
  return [own, `const struct qcc_window x = qcc_window_of(r, ${image}, ${size}, ${stride}, ${pad});`];
}

function memberText({ members }: Split, name: string): string | undefined {
  const member = members[name];
  switch (member?.kind) {
    case 'rows':
      return member.times === 1 ? 'r.count' : `r.count * ${member.times}`;
    case 'first':
      return `r.first + ${member.more}`;
    case undefined:
      return undefined;
    default:
      return windowTexts[member.kind];
  }
}

const windowTexts = {
  image: 'x.rows',
  padding: 'x.pad',
  above: 'qcc_rows_above(r, x)',
  below: 'qcc_rows_below(r, x)',
} as const;

function movedBy(arg: Arg, split: Split, { most }: Parts): string {
  if (arg.view === undefined) return '';
  if (arg.access === 'scratch') return `+ part * ${scratchStride(arg.view.buffer, most)}u`;
  const how = split.args[arg.name];
  if (how === undefined || how.touches === 'met') return '';
  return `+ (size_t)${how.touches === 'window' ? 'x' : 'r'}.first * ${how.rowBytes}u`;
}

/** @param by what it moves by besides the loops around it. */
function pointer(view: View | undefined, moves: Moves, by: string, cx: StepContext): string {
  const base = view && cx.base(view.buffer);
  if (view === undefined || base === undefined) return 'NULL';
  const moved = [...(moves.get(view.buffer) ?? []), ...(by === '' ? [] : [by])];
  if (base.symbol === 'arena' || base.symbol.startsWith('region_'))
    return [`${base.symbol} + 0x${(base.offset + view.offset).toString(16)}`, ...moved].join(' ');
  const offset = base.offset + view.offset;
  if (offset === 0 && moved.length === 0) return base.symbol;
  // Only outputs may be written.
  const bytes = base.symbol.startsWith('out->') ? 'unsigned char' : 'const unsigned char';
  return [`(${bytes} *)${base.symbol} + ${offset}`, ...moved].join(' ');
}

function placeText(step: Step, { program, base }: StepContext): string {
  const text = (arg: Arg): string | undefined => {
    const buffer = arg.view?.buffer;
    if (buffer === undefined || buffer.role === 'constant') return undefined;
    if (buffer.role !== 'value' && buffer.role !== 'scratch')
      return `${arg.name} ${buffer.role} "${commentText(buffer.name)}"`;
    const { symbol, offset } = base(buffer) ?? { symbol: 'arena', offset: program.offsets.get(buffer) ?? 0 };
    return `${arg.name} ${symbol.replace(/^region_/, '')}+0x${offset.toString(16)}`;
  };
  return step.args.flatMap((a) => text(a) ?? []).join(', ');
}
