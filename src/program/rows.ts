/**
 * Steps that can be run some rows of their result at a time, by the kernels as they are. Invariant: a call for rows
 * [from, to) is the same kernel on a lower image; borders stay where they are because a band knows how many rows of padding
 * lie above it and the rows below the image are missing as they are for the whole. No row is computed twice.
 */
import { type Arg, bufferBytes, type Params, type Step, type View } from './program.js';

/** How an argument is read: result row r needs rows [r * stride - pad, r * stride - pad + size) of it, cut to the image. */
export interface RowRead {
  readonly name: string;
  readonly view: View;
  readonly rows: number;
  readonly rowBytes: number;
  readonly size: number;
  readonly stride: number;
  readonly pad: number;
}

export interface RowForm {
  readonly step: Step;
  /** Rows of the result. */
  readonly rows: number;
  readonly result: View;
  readonly rowBytes: number;
  readonly reads: readonly RowRead[];
}

/** Families whose params describe a window that slides over rows (n, h, w, c, oh, ow, kh, sh, dh, pad_top). */
export const rowWindows: ReadonlySet<string> = new Set([
  'conv2d_q8',
  'dwconv2d_q8',
  'conv2d_q16',
  'dwconv2d_q16',
  'conv2d_s16',
  'dwconv2d_s16',
  'max_pool_s16',
  'conv2d_f32',
  'max_pool_q8',
  'max_pool_f32',
  'average_pool_f32',
  'window_mean_q8',
]);
/** Families that take one element after the other: the params that say so, for `count` elements. */
const elementwise: Readonly<Record<string, (p: Params, count: number) => Params | undefined>> = {
  add_q8: (p, count) => (p.rows === 1 && p.b_column === 1 ? { columns: count } : undefined),
  add_fixed_q8: (p, count) => (p.rows === 1 && p.b_column === 1 ? { columns: count } : undefined),
  add_fixed_s16: (p, count) => (p.rows === 1 && p.b_column === 1 ? { columns: count } : undefined),
  add_q16: (p, count) => (p.rows === 1 && p.b_column === 1 ? { columns: count } : undefined),
  mul_q16: (p, count) => (p.rows === 1 && p.b_column === 1 ? { columns: count } : undefined),
  convert_q16: (_, count) => ({ count }),
  mul_q8: (p, count) => (p.rows === 1 && p.b_column === 1 ? { columns: count } : undefined),
  lookup_q8: (_, count) => ({ count }),
  quantize: (p, count) =>
    p.x_column === 1 && p.x_row === p.columns ? { outer: 1, rows: 1, columns: count, x_row: count } : undefined,
  dequantize: (p, count) =>
    p.x_column === 1 && p.x_row === p.columns ? { outer: 1, rows: 1, columns: count, x_row: count } : undefined,
};

/** Operands of which every row of the result reads its own rows. */
const images: ReadonlySet<string> = new Set(['x', 'residual', 'a', 'b']);

/** Members of a kernel's params that a band changes: an instance takes them as arguments. */
export const rowMembers: ReadonlySet<string> = new Set([
  'h',
  'oh',
  'pad_top',
  'columns',
  'count',
  'x_row',
  'outer',
  'rows',
]);

/** @param rowsOf rows of a tensor [1, h, w, c] by the view of it; undefined for other tensors. */
export function rowForm(step: Step, rowsOf: (view: View) => number | undefined): RowForm | undefined {
  const written = step.args.filter((a) => a.access === 'write');
  const result = written[0]?.view;
  if (written.length !== 1 || result === undefined || !isWhole(result)) return undefined;
  if (step.args.some((a) => a.access === 'read' && isActivation(a) && a.view !== undefined && !isWhole(a.view)))
    return undefined;
  // A constant is read whole, from where it begins: a band of an image that is one would read the first rows every time.
  if (step.args.some((a) => images.has(a.name) && a.view !== undefined && !isActivation(a))) return undefined;
  return rowWindows.has(step.kernel.family) ? windowForm(step, result) : elementForm(step, result, rowsOf(result));
}

function windowForm(step: Step, result: View): RowForm | undefined {
  const [n, h, oh, kh, sh, dh, pad] = ['n', 'h', 'oh', 'kh', 'sh', 'dh', 'pad_top'].map((m) =>
    memberOf(step.params, m),
  );
  const x = step.args.find((a) => a.name === 'x')?.view;
  if (n !== 1 || x === undefined) return undefined;
  const size = (kh - 1) * dh + 1;
  const reads: RowRead[] = [{ name: 'x', view: x, rows: h, rowBytes: x.bytes / h, size, stride: sh, pad }];
  for (const arg of step.args)
    if (arg.access === 'read' && arg.name !== 'x' && isActivation(arg) && arg.view !== undefined) {
      if (arg.name !== 'residual') return undefined;
      reads.push(aligned(arg.name, arg.view, oh));
    }
  // A row whose window lies in the padding altogether would leave a band without an image.
  if (pad >= size || (oh - 1) * sh - pad >= h) return undefined;
  return { step, rows: oh, result, rowBytes: result.bytes / oh, reads };
}

function elementForm(step: Step, result: View, rows: number | undefined): RowForm | undefined {
  const change = elementwise[step.kernel.family];
  if (change === undefined || rows === undefined || change(step.params, 1) === undefined) return undefined;
  const reads: RowRead[] = [];
  for (const arg of step.args) {
    if (arg.access !== 'read' || !isActivation(arg) || arg.view === undefined) continue;
    if (arg.view.bytes % rows !== 0) return undefined;
    reads.push(aligned(arg.name, arg.view, rows));
  }
  return result.bytes % rows === 0 && reads.length > 0
    ? { step, rows, result, rowBytes: result.bytes / rows, reads }
    : undefined;
}

function aligned(name: string, view: View, rows: number): RowRead {
  return { name, view, rows, rowBytes: view.bytes / rows, size: 1, stride: 1, pad: 0 };
}

function isActivation(arg: Arg): boolean {
  return arg.view !== undefined && arg.view.buffer.role !== 'constant';
}

function isWhole(view: View): boolean {
  return view.offset === 0 && view.bytes === bufferBytes(view.buffer);
}

function memberOf(params: Params, name: string): number {
  const value = params[name];
  if (typeof value !== 'number') throw new Error(`params have no number ${name}`);
  return value;
}

/**
 * Whether the result of a band may lie over this operand of it, or below: element by element, from low to high. The contract
 * of add_fixed_q8 takes either operand.
 */
export function mayLieOver(step: Step, name: string): boolean {
  if (step.band === undefined || rowWindows.has(step.kernel.family)) return false;
  return step.inPlace === name || (step.kernel.family === 'add_fixed_q8' && name === 'b');
}

/** Rows [first, end) of an argument that result rows [from, to) read. */
export function rowsRead(read: RowRead, from: number, to: number): { readonly first: number; readonly end: number } {
  const first = Math.max(0, from * read.stride - read.pad);
  const end = Math.min(read.rows, (to - 1) * read.stride - read.pad + read.size);
  return { first, end };
}

/** The lowest row of an argument that result row `from` or a later one reads; its number of rows if none does. */
export function lowestRowRead(read: RowRead, from: number, rows: number): number {
  return from >= rows ? read.rows : Math.max(0, from * read.stride - read.pad);
}

/**
 * The call for result rows [from, to).
 * @param place where row `row` of an argument (or of the result, under `y`) begins now.
 * @param scratch bytes the kernel wants for these params.
 */
export function bandStep(
  form: RowForm,
  from: number,
  to: number,
  place: (name: string, row: number, bytes: number) => View,
  scratch: (params: Params) => View | undefined,
): Step {
  const { step } = form;
  const x = form.reads.find((r) => r.name === 'x');
  const isWindow = rowWindows.has(step.kernel.family);
  const change: Params =
    isWindow && x !== undefined
      ? windowParams(x, from, to)
      : (elementwise[step.kernel.family]?.(step.params, elementsIn(form, to - from)) ?? {});
  const params: Params = { ...step.params, ...change };
  const args = step.args.map((arg): Arg => {
    if (arg.access === 'scratch') return { ...arg, view: arg.view === undefined ? undefined : scratch(params) };
    if (arg.access === 'write') return { ...arg, view: place('y', from, (to - from) * form.rowBytes) };
    const read = form.reads.find((r) => r.name === arg.name);
    if (read === undefined) return arg;
    const { first, end } = rowsRead(read, from, to);
    return { ...arg, view: place(read.name, first, (end - first) * read.rowBytes) };
  });
  return {
    ...step,
    params,
    args,
    macs: (step.macs / form.rows) * (to - from),
    // Element by element, from low to high: the result may lie over the operand, or below it.
    inPlace: isWindow ? undefined : step.inPlace,
    band: { rows: to - from, of: form.rows },
  };
}

function windowParams(x: RowRead, from: number, to: number): Params {
  const { first, end } = rowsRead(x, from, to);
  return { h: end - first, oh: to - from, pad_top: first - (from * x.stride - x.pad) };
}

/** Elements of so many rows; every family here has one count for all its arguments. */
function elementsIn(form: RowForm, rows: number): number {
  const { params } = form.step;
  const all =
    typeof params.count === 'number'
      ? params.count
      : memberOf(params, 'columns') * (typeof params.outer === 'number' ? params.outer : 1) * memberOf(params, 'rows');
  return (all / form.rows) * rows;
}
