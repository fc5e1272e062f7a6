/** The steps of a Program as the template prints them: a flat list, loops opened and closed around their bodies. */
import type { Arg, Buffer, Item, PlacedProgram, Step, View } from '../program/program.js';
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
  readonly hasData: boolean;
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
export function instanceKey(step: Step): string {
  if (step.band === undefined) return JSON.stringify(step.params);
  const kept = Object.entries(step.params).filter(([name]) => !rowMembers.has(name));
  return `rows ${JSON.stringify(Object.fromEntries(kept))}`;
}

function stepView(step: Step, index: number, moves: Moves, opens: readonly string[], cx: StepContext): StepView {
  const { data, band } = step;
  const use = cx.use(step);
  const args = step.args.map(
    (a) => `(${a.access === 'read' ? 'const void' : 'void'} *)(${pointer(a.view, moves, cx)})`,
  );
  const rows = band === undefined ? '' : `, ${band.rows} of ${band.of} rows`;
  return {
    index,
    opens,
    closes: [],
    title: `${index}  ${step.op}${rows}  from ${step.origin.names.map((n) => `"${commentText(n)}"`).join(', ')}`,
    detail: `${step.shapes}   ${step.quant}`,
    place: `kernel ${step.kernel.tile} ${step.kernel.isa}   ${placeText(step, cx)}`,
    data: data === undefined ? '' : `const struct qcc_${cx.structs(step)}_data d = ${structLiteral(data)};`,
    hasData: data !== undefined,
    call: `${use.instance.name}(${[...use.leading, ...(data === undefined ? [] : ['d']), ...args].join(', ')});`,
    traces:
      cx.hook === undefined
        ? []
        : tracedArgs(step).map(
            ({ view }) => `${cx.hook}(${index}u, (const void *)(${pointer(view, moves, cx)}), ${view?.bytes}u);`,
          ),
  };
}

function pointer(view: View | undefined, moves: Moves, cx: StepContext): string {
  const base = view && cx.base(view.buffer);
  if (view === undefined || base === undefined) return 'NULL';
  const moved = moves.get(view.buffer) ?? [];
  if (base.symbol === 'arena' || base.symbol.startsWith('region_'))
    return [`${base.symbol} + 0x${(base.offset + view.offset).toString(16)}`, ...moved].join(' ');
  const offset = base.offset + view.offset;
  if (offset === 0 && moved.length === 0) return base.symbol;
  return [`(const unsigned char *)${base.symbol} + ${offset}`, ...moved].join(' ');
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
