import type { Value } from '../../ir/graph.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';

interface Range {
  readonly start: number;
  readonly step: number;
  readonly size: number;
}

/** The largest integers say in both directions that there is no end: so ONNX Runtime reads them. */
function isUnbounded(end: number): boolean {
  return end === 2 ** 31 - 1 || end >= Number.MAX_SAFE_INTEGER;
}

/**
 * ONNX: negative bounds count from the end, then both are clamped to the dimension; a start before it, going backwards, to
 * its first entry, where NumPy takes none.
 */
function rangeOf(dim: number, start: number, end: number, step: number): Range {
  const from = start < 0 ? start + dim : start;
  const to = end < 0 ? end + dim : end;
  const clamp = (v: number, low: number, high: number) => Math.max(low, Math.min(high, v));
  if (step > 0) {
    const low = clamp(from, 0, dim);
    return { start: low, step, size: Math.max(0, Math.ceil((clamp(to, 0, dim) - low) / step)) };
  }
  if (dim === 0) return { start: 0, step, size: 0 };
  const high = clamp(from, 0, dim - 1);
  const low = isUnbounded(end) ? -1 : clamp(to, -1, dim - 1);
  return { start: high, step, size: Math.max(0, Math.ceil((low - high) / step)) };
}

/** A range of some dimensions; the others stay whole. */
export function sliced(cx: ImportContext, x: Value, ranges: ReadonlyMap<number, Range>): Value {
  const all = x.type.shape.map((size, d): Range => ranges.get(d) ?? { start: 0, step: 1, size });
  if (all.every((r, d) => r.start === 0 && r.step === 1 && r.size === x.type.shape[d])) return x;
  const attrs = {
    starts: all.map((r) => (r.size === 0 ? 0 : r.start)),
    steps: all.map((r) => r.step),
    sizes: all.map((r) => r.size),
  };
  return cx.make('slice', attrs, [x], x.type);
}

/** Consecutive parts of these sizes along one axis. */
function parts(cx: ImportContext, x: Value, axis: number, sizes: readonly number[]): Value[] {
  const dim = x.type.shape[axis];
  const total = sizes.reduce((sum, s) => sum + s, 0);
  if (total !== dim || sizes.some((s) => s < 0))
    cx.fail('Q0210', `parts of [${sizes}] do not make up dimension ${axis} of [${x.type.shape}]`);
  let start = 0;
  return sizes.map((size) => {
    const range = { start, step: 1, size };
    start += size;
    return sliced(cx, x, new Map([[axis, range]]));
  });
}

function equalParts(cx: ImportContext, dim: number, count: number): number[] {
  const size = cx.opset < 18 ? dim / count : Math.ceil(dim / count);
  if (!Number.isInteger(size)) cx.fail('Q0210', `${dim} is not divisible into ${count} equal parts`);
  return Array.from({ length: count }, (_, i) => Math.max(0, Math.min(size, dim - i * size)));
}

export const importers: Importers = {
  Slice(cx) {
    const x = cx.input(0);
    const { shape } = x.type;
    const isOld = cx.opset < 10;
    const starts = isOld ? cx.attrs.requiredInts('starts') : cx.constantInts(1);
    const ends = isOld ? cx.attrs.requiredInts('ends') : cx.constantInts(2);
    const axes = (isOld ? cx.attrs.ints('axes', undefined) : cx.optionalInts(3)) ?? starts.map((_, i) => i);
    const steps = (isOld ? undefined : cx.optionalInts(4)) ?? starts.map(() => 1);
    if ([ends, axes, steps].some((list) => list.length !== starts.length))
      cx.fail('Q0210', `${starts.length} starts, ${ends.length} ends, ${axes.length} axes, ${steps.length} steps`);
    const ranges = new Map<number, Range>();
    for (const [i, given] of axes.entries()) {
      const axis = cx.axis(given, shape.length);
      if (steps[i] === 0) cx.fail('Q0210', 'a step is 0');
      if (ranges.has(axis)) cx.fail('Q0208', `axis ${axis} is given twice`);
      ranges.set(axis, rangeOf(shape[axis], starts[i], ends[i], steps[i]));
    }
    return sliced(cx, x, ranges);
  },
  Split(cx) {
    const x = cx.input(0);
    const axis = cx.axis(cx.attrs.int('axis', 0), x.type.shape.length);
    const count = cx.node.outputs.length;
    const given = cx.opset < 13 ? cx.attrs.ints('split', undefined) : cx.optionalInts(1);
    const wanted = cx.opset < 18 ? undefined : cx.attrs.int('num_outputs', undefined);
    if (given !== undefined && wanted !== undefined)
      cx.fail('Q0210', 'both split and num_outputs are given', undefined, 'remove one of them');
    if ((given?.length ?? wanted ?? count) !== count)
      cx.fail('Q0210', `${given?.length ?? wanted} parts for ${count} outputs`);
    return parts(cx, x, axis, given ?? equalParts(cx, x.type.shape[axis], count));
  },
};
