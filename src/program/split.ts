/**
 * Ways to share a step out among parts, by the kernels as they are. Invariant: a part's call computes the bytes that the call
 * for all rows computes there, and writes no others.
 */
import type { Shape } from '../ir/type.js';
import { parsePacking } from './packing.js';
import type { Params, RowWindow, SplitArg, Step } from './program.js';
import { rowWindows } from './rows.js';
import { sharedPanels } from './shared-panels.js';
import { made, of, type SplitForm } from './split-form.js';
import { cellForms, cells, interpolationForms, interpolations, padForms, transposedForms } from './split-uneven.js';

/** Windows over rows; of these pools a part may compute rows, though no band of RAM mode does. */
const windows: ReadonlySet<string> = new Set([
  ...rowWindows,
  'average_pool_q8',
  'average_pool_fixed_q8',
  'average_pool_fixed_s16',
]);

/** Families that take one element after the other: the params for all of them in one row, and the members that count. */
const elementwise: Readonly<Record<string, (p: Params) => ElementForm | undefined>> = {
  add_q8: inOneRow,
  add_fixed_q8: inOneRow,
  add_fixed_s16: inOneRow,
  mul_q8: inOneRow,
  mul_fixed_q8: inOneRow,
  mul_fixed_s16: inOneRow,
  lookup_q8: counted,
  rescale_fixed: counted,
  curve_fixed_s16: counted,
  unary_f32: counted,
  clamp_f32: counted,
  cast: counted,
  copy: (p) => ({ params: p, count: of(p, 'bytes'), members: ['bytes'] }),
  quantize: plainQuantizer,
  quantize_away_q8: plainQuantizer,
  dequantize: plainQuantizer,
};
interface ElementForm {
  readonly params: Params;
  readonly count: number;
  readonly members: readonly string[];
}

/** Families of loops: the member that counts the outermost of them, and each operand's stride in it, in elements. */
const loops: Readonly<Record<string, { readonly sizes: string; readonly strides: Readonly<Record<string, string>> }>> =
  {
    binary_f32: { sizes: 'd', strides: { a: 'a', b: 'b' } },
    binary: { sizes: 'd', strides: { a: 'a', b: 'b' } },
    compare: { sizes: 'd', strides: { a: 'a', b: 'b' } },
    where: { sizes: 'd', strides: { c: 'c', a: 'a', b: 'b' } },
    move: { sizes: 'd', strides: { x: 'x' } },
    reduce_f32: { sizes: 'k', strides: { x: 'ks' } },
    reduce_s32: { sizes: 'k', strides: { x: 'ks' } },
    reduce_s64: { sizes: 'k', strides: { x: 'ks' } },
    normalize_f32: { sizes: 'k', strides: { x: 'ks', scale: 'ka', bias: 'kb' } },
    matmul_f32: { sizes: 'g', strides: { a: 'ga', b: 'gb' } },
    matmul_q8: { sizes: 'g', strides: { a: 'ga', b: 'gb' } },
  };

/** Families with a plain outermost count of rows that all but their tables have. */
const outer: Readonly<Record<string, string>> = {
  softmax_q8: 'outer',
  softmax_f32: 'outer',
  softmax_fixed_q8: 'rows',
  softmax_s16: 'rows',
  lookup_channels: 'pixels',
  scale_channels: 'pixels',
  mean_fixed_q8: 'outer',
  mean_fixed_s16: 'outer',
  arg_f32: 'outer',
  arg_q8: 'outer',
};

/** Operands that every part reads whole. */
const tables: ReadonlySet<string> = new Set(['table', 'offset', 'exponentials', 'reciprocals']);

/** Rows of an image that stay together for kernels that compute four at a time. */
const FOUR = 4;
/** Elements that stay together: a cache line of bytes. */
const LINE = 64;

/** @param shape of the result, if it is one tensor. */
export function splitForms(step: Step, shape: Shape | undefined): readonly SplitForm[] {
  if (cells.has(step.kernel.family)) return cellForms(step);
  const written = step.args.filter((a) => a.access === 'write');
  if (written.length !== 1 || written[0].view === undefined || step.band !== undefined) return [];
  const { family } = step.kernel;
  if (windows.has(family)) return windowForms(step);
  if (elementwise[family] !== undefined) return elementForms(step, shape);
  if (family === 'quantize_any' || family === 'dequantize_any') return [];
  if (family === 'dynamic_matmul') return productForms(step);
  const rows = outer[family];
  if (rows !== undefined) return outerForms(step, rows);
  if (family === 'gather') return gatherForms(step);
  if (interpolations.has(family)) return interpolationForms(step);
  if (family === 'pad') return padForms(step);
  if (family.startsWith('conv2d_transpose_')) return transposedForms(step);
  return [...loopForms(step, shape), ...rowsOfMatrix(step)];
}

function windowForms(step: Step): readonly SplitForm[] {
  const { params } = step;
  const [n, h, oh, ow] = ['n', 'h', 'oh', 'ow'].map((m) => of(params, m));
  const [kh, kw, sh, sw, dh, pad] = ['kh', 'kw', 'sh', 'sw', 'dh', 'pad_top'].map((m) => of(params, m));
  const size = (kh - 1) * dh + 1;
  const forms: SplitForm[] = [];
  if (n > 1) forms.push(...made(step, { n: 1 }, n, 1, ['x', 'residual', 'y']));
  const isPointwise = kh * kw * sh * sw === 1 && pad === 0 && of(params, 'pad_left') === 0;
  if (isPointwise && h === oh && step.kernel.family.startsWith('conv2d_')) {
    // One row of pixels is the same convolution.
    const flat = { ...step, params: { ...params, n: 1, h: 1, w: n * oh * ow, oh: 1, ow: n * oh * ow } };
    const pixels = (rows: number, unit: number) => {
      const each = (n * oh * ow) / rows;
      return made(flat, { w: each, ow: each }, rows, unit, ['x', 'residual', 'y']);
    };
    forms.push(...pixels(n * oh * ow, 1));
    if (n === 1 && oh > 1) forms.push(...pixels(oh, 1), ...(oh > FOUR ? pixels(oh, FOUR) : []));
  } else if (n === 1 && oh > 1 && pad < size && (oh - 1) * sh - pad < h) {
    const window: RowWindow = { rows: h, size, stride: sh, pad };
    const isFour = step.kernel.tile.startsWith('winograd4');
    for (const unit of isFour ? [FOUR] : oh > FOUR ? [1, FOUR] : [1]) {
      const [rest] = made(step, { oh: 1 }, oh, unit, ['residual', 'y']);
      const x = step.args.find((a) => a.name === 'x')?.view;
      if (rest === undefined || x === undefined || x.bytes % h !== 0) continue;
      const members = { ...rest.split.members, h: { kind: 'image' }, pad_top: { kind: 'padding' } } as const;
      const args = { ...rest.split.args, x: { rowBytes: x.bytes / h, touches: 'window' } } as const;
      forms.push({ step, split: { ...rest.split, members, args, window } });
    }
  }
  return [...forms, ...(n * oh * ow === 1 ? channelForms(step) : [])];
}

/** Rows of a product of bytes quantized at run time; of a single one its channels. */
function productForms(step: Step): readonly SplitForm[] {
  const [rows, n] = [of(step.params, 'rows'), of(step.params, 'n')];
  const ofRows = of(step.params, 'per_row') === 1 ? ['x_scale', 'zero'] : [];
  if (rows > 1) return made(step, { rows: 1 }, rows, 1, ['x', ...ofRows, 'y']);
  const panels = sharedPanels(step, parsePacking(step.kernel.packing), n);
  if (panels === undefined) return [];
  return made(step, { n: 1 }, n, panels.unit, ['y']).map((form) => ({
    step,
    split: {
      ...form.split,
      args: {
        ...form.split.args,
        w: { rowBytes: panels.rowBytes, touches: 'any' },
        sums: { rowBytes: 4, touches: 'any' },
        scale: { rowBytes: 8, touches: 'any' },
      },
    },
  }));
}

/** One pixel: its output channels are the rows, in whole panels of weights. */
function channelForms(step: Step): readonly SplitForm[] {
  const { family, packing: name } = step.kernel;
  const isSplit = family === 'conv2d_q8' || family === 'conv2d_q16' || family === 'conv2d_f32';
  if (!isSplit || of(step.params, 'groups') !== 1) return [];
  const packing = parsePacking(name === 'none' ? 'plain' : name);
  const oc = of(step.params, 'oc');
  const panels = sharedPanels(step, packing, oc);
  if (panels === undefined) return [];
  const { unit, rowBytes } = panels;
  const scale = step.args.find((a) => a.name === 'scale')?.view?.buffer;
  // One scale of all channels, and a layout of a microcontroller's kernels.
  if (scale?.role === 'constant' && scale.tensor.type.shape[0] < oc) return [];
  const scaleBytes =
    scale?.role === 'constant' ? scale.tensor.type.shape.slice(1).reduce((a, b) => a * b, 4) : runTimeWords(step);
  return made(step, { oc: 1 }, oc, unit, ['residual', 'y']).map((form) => ({
    step,
    split: {
      ...form.split,
      args: {
        ...form.split.args,
        w: { rowBytes, touches: 'any' },
        bias: { rowBytes: 4, touches: 'any' },
        ...(scaleBytes === 0 ? {} : { scale: { rowBytes: scaleBytes, touches: 'any' } }),
      },
    },
  }));
}

/** Bytes of a channel's scale where a step before makes it: a multiplier, or a pair of QCC_ROUND_AFFINE. */
function runTimeWords({ args, params }: Step): number {
  if (args.find((a) => a.name === 'scale')?.view === undefined || typeof params.kind === 'number') return 0;
  return 'rounding' in params.kind && params.kind.rounding !== 0 ? 8 : 4;
}

function inOneRow(p: Params): ElementForm | undefined {
  const isPlain = p.rows === 1 && p.b_column === 1;
  return isPlain ? { params: p, count: of(p, 'columns'), members: ['columns'] } : undefined;
}

function counted(p: Params): ElementForm {
  return { params: p, count: of(p, 'count'), members: ['count'] };
}

function plainQuantizer(p: Params): ElementForm | undefined {
  if (p.x_column !== 1 || p.x_row !== p.columns) return undefined;
  const count = of(p, 'outer') * of(p, 'rows') * of(p, 'columns');
  return { params: { ...p, outer: 1, rows: 1, columns: count, x_row: count }, count, members: ['columns', 'x_row'] };
}

function elementForms(step: Step, shape: Shape | undefined): readonly SplitForm[] {
  const form = elementwise[step.kernel.family]?.(step.params);
  if (form === undefined) return transposedQuantizer(step);
  const flat = { ...step, params: form.params };
  const operands = step.args.filter((a) => a.view !== undefined && !tables.has(a.name)).map((a) => a.name);
  return rowCounts(shape, form.count).flatMap(([rows, unit]) => {
    const each = form.count / rows;
    return made(flat, Object.fromEntries(form.members.map((m) => [m, each])), rows, unit, operands);
  });
}

/** Planes that become pixels: a part takes some pixels of every plane. */
function transposedQuantizer(step: Step): readonly SplitForm[] {
  const { family } = step.kernel;
  const { outer: images, rows, x_row: row } = step.params;
  if ((family !== 'quantize' && family !== 'dequantize') || images !== 1 || row !== 1) return [];
  const bytes = family === 'quantize' ? 4 : step.params.element === 2 ? 4 : 1;
  if (typeof rows !== 'number' || rows < LINE) return [];
  return made(step, { rows: 1 }, rows, 1, ['y']).map((form) => ({
    step,
    split: { ...form.split, args: { ...form.split.args, x: { rowBytes: bytes, touches: 'any' } } },
  }));
}

/** Rows a tensor may be cut into, with the rows that stay together: image rows, pixels, elements. */
function rowCounts(shape: Shape | undefined, count: number): readonly (readonly [number, number])[] {
  const counts: [number, number][] = [];
  if (shape !== undefined && shape.length > 1) {
    if (shape.length === 4 && shape[0] === 1 && shape[1] > 1) {
      counts.push([shape[1], 1]);
      if (shape[1] > FOUR) counts.push([shape[1], FOUR]);
    }
    counts.push([shape.slice(0, -1).reduce((a, b) => a * b, 1), 1]);
  }
  counts.push([count, LINE]);
  return counts.filter(([rows, unit]) => rows > unit && count % rows === 0);
}

function outerForms(step: Step, member: string): readonly SplitForm[] {
  const rows = of(step.params, member);
  const operands = step.args.filter((a) => a.view !== undefined && !tables.has(a.name)).map((a) => a.name);
  return made(step, { [member]: 1 }, rows, 1, operands);
}

/** Slices, each with its index; or rows that are picked from, each with all indices. */
function gatherForms(step: Step): readonly SplitForm[] {
  const { params } = step;
  const rows = of(params, 'outer');
  return rows > 1
    ? made(step, { outer: 1 }, rows, 1, ['x', 'y'])
    : made(step, { count: 1 }, of(params, 'count'), 1, ['index', 'y']);
}

/** The outermost loop of more than one step is cut. */
function loopForms(step: Step, shape: Shape | undefined): readonly SplitForm[] {
  const form = loops[step.kernel.family];
  if (form === undefined) return [];
  const sizes = Object.keys(step.params).filter((m) => new RegExp(`^${form.sizes}\\d$`).test(m));
  const at = sizes.findIndex((m) => of(step.params, m) > 1);
  if (at < 0 || (step.kernel.family === 'move' && !isContiguous(step, sizes))) return [];
  const size = of(step.params, sizes[at]);
  const counts = [...rowCounts(shape, size), [size, 1] as const].filter(([rows]) => rows <= size && size % rows === 0);
  return counts.flatMap(([rows, unit]) => {
    const each = size / rows;
    return made(step, { [sizes[at]]: each }, rows, unit, ['y']).flatMap((whole) => {
      const args: Record<string, SplitArg> = { ...whole.split.args };
      for (const [name, prefix] of Object.entries(form.strides)) {
        const view = step.args.find((a) => a.name === name)?.view;
        const stride = of(step.params, `${prefix}${at}`);
        if (view === undefined || stride === 0) continue;
        const rowBytes = each * stride * elementBytesOf(step, name);
        if (rowBytes < 0) return [];
        args[name] = { rowBytes, touches: rowBytes * rows === view.bytes ? 'own' : 'any' };
      }
      return [{ step, split: { ...whole.split, args } }];
    });
  });
}

/** Rows of the first matrix, where there is one product: each part multiplies by the whole second. */
function rowsOfMatrix(step: Step): readonly SplitForm[] {
  if (!step.kernel.family.startsWith('matmul_') || ['g0', 'g1', 'g2'].some((g) => step.params[g] !== 1)) return [];
  const m = of(step.params, 'm');
  const a = step.args.find((arg) => arg.name === 'a')?.view;
  if (a === undefined) return [];
  const rowBytes = of(step.params, 'a_m') * (step.kernel.family === 'matmul_q8' ? 1 : 4);
  return made(step, { m: 1 }, m, 1, ['y']).map((form) => ({
    step,
    split: {
      ...form.split,
      args: { ...form.split.args, a: { rowBytes, touches: rowBytes * m === a.bytes ? 'own' : 'any' } },
    },
  }));
}

/** A move that writes all of its result, from low to high. */
function isContiguous(step: Step, sizes: readonly string[]): boolean {
  const { params } = step;
  let inner = 1;
  for (const [back, member] of sizes.toReversed().entries()) {
    if (of(params, member) > 1 && of(params, `y${sizes.length - 1 - back}`) !== inner) return false;
    inner *= of(params, member);
  }
  const y = step.args.find((a) => a.access === 'write')?.view;
  return params.y_first === 0 && y?.bytes === inner * of(params, 'size');
}

function elementBytesOf(step: Step, name: string): number {
  const { params } = step;
  switch (step.kernel.family) {
    case 'matmul_q8':
      return 1;
    case 'move':
      return of(params, 'size');
    case 'where':
      return name === 'c' ? 1 : of(params, 'size');
    case 'reduce_s64':
      return 8;
    case 'binary':
    case 'compare':
      return operandElementBytes(step, name);
    default:
      return 4;
  }
}

/** Bytes of an operand over the elements that its strides tell apart. */
function operandElementBytes({ params, args }: Step, name: string): number {
  const bytes = args.find((a) => a.name === name)?.view?.bytes ?? 0;
  let count = 1;
  for (let d = 0; d < 6; d++) if (params[`${name}${d}`] !== 0) count *= of(params, `d${d}`);
  return bytes / count;
}
