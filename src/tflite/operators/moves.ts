/** Operators that move elements and compute nothing. */
import type { Value } from '../../ir/graph.js';
import { sameAffine } from '../../ir/type.js';
import { zeroPointAt } from '../../quant/affine.js';
import type { OperatorContext, OperatorImporters } from '../importer.js';

/** RESHAPE, SQUEEZE, EXPAND_DIMS: the declared shape of the output is the one meant, whatever -1 the file says. */
function reshape(cx: OperatorContext): Value {
  const y = cx.result();
  return cx.reshaped(cx.retyped(cx.input(0), y), y.shape);
}

function transpose(cx: OperatorContext): Value {
  const x = cx.retyped(cx.input(0), cx.result());
  const rank = x.type.shape.length;
  const perm = cx.ints(1).map((axis) => cx.axis(axis, rank));
  return cx.make('transpose', { perm }, [x], cx.result());
}

/** PAD surrounds with the zero point (0.0 for floats), PADV2 with a number of its own. */
function pad(cx: OperatorContext): Value {
  const y = cx.result();
  const x = cx.retyped(cx.input(0), y);
  const rank = x.type.shape.length;
  const list = cx.ints(1);
  if (list.length !== 2 * rank || list.some((n) => n < 0))
    cx.fail(
      'Q0708',
      `paddings are [${list}], expected two numbers >= 0 for each of ${rank} dimensions`,
      cx.inputPart(1),
    );
  const value = cx.inputCount > 2 ? cx.ints(2)[0] : y.kind === 'quant' ? zeroPointAt(y.affine, 0) : 0;
  const side = (s: number) => list.filter((_, i) => i % 2 === s);
  return cx.make('pad', { before: side(0), after: side(1), value }, [x], y);
}

function concatenation(cx: OperatorContext): Value {
  const { axis, activation } = cx.options('concatenation');
  if (activation !== 0) cx.fail('Q0708', 'a fused activation of a concatenation is not supported');
  const y = cx.result();
  const parts = Array.from({ length: cx.inputCount }, (_, i) => {
    const { type } = cx.input(i);
    if (type.kind === 'quant' && y.kind === 'quant' && !sameAffine(type.affine, y.affine))
      cx.fail(
        'Q0713',
        'it has another scale or zero point than the output',
        cx.inputPart(i),
        'convert the model again',
      );
    return cx.input(i);
  });
  return cx.make('concat', { axis: cx.axis(axis, y.shape.length) }, parts, y);
}

/** Parts of dimension `axis`, of these sizes, one after the other. */
function parts(cx: OperatorContext, x: Value, axis: number, sizes: readonly number[]): Value[] {
  const { shape } = x.type;
  let first = 0;
  return sizes.map((size, i) => {
    const starts = shape.map((_, d) => (d === axis ? first : 0));
    first += size;
    const attrs = { starts, steps: shape.map(() => 1), sizes: shape.map((n, d) => (d === axis ? size : n)) };
    const y = cx.result(i);
    return cx.make('slice', attrs, [cx.retyped(x, y)], y);
  });
}

function split(cx: OperatorContext): readonly Value[] {
  const { num_splits: count } = cx.options('split');
  const x = cx.input(1);
  const axis = cx.axis(cx.ints(0)[0], x.type.shape.length);
  const size = x.type.shape[axis];
  if (count !== cx.outputCount || count < 1 || size % count !== 0)
    cx.fail('Q0709', `dimension ${axis} of ${size} does not split into ${count} parts`);
  return parts(cx, x, axis, new Array<number>(count).fill(size / count));
}

function stridedSlice(cx: OperatorContext): Value {
  const o = cx.options('stridedSlice');
  if (o.ellipsis_mask !== 0 || o.new_axis_mask !== 0 || o.offset)
    cx.fail('Q0708', 'ellipsis, new axes and offsets are not supported', undefined, 'convert the model again');
  const y = cx.result();
  const x = cx.retyped(cx.input(0), y);
  const { shape } = x.type;
  const [begin, end, strides] = [cx.ints(1), cx.ints(2), cx.ints(3)];
  if (![begin, end, strides].every((list) => list.length === shape.length) || strides.includes(0))
    cx.fail('Q0708', `begin, end and strides need ${shape.length} entries, no stride may be 0`);
  const picked = shape.map((size, d) => {
    const step = strides[d];
    const bit = (mask: number) => ((mask >> d) & 1) === 1;
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const at = (v: number) => Math.max(low, Math.min(high, v < 0 ? v + size : v));
    const from = bit(o.begin_mask) ? (step > 0 ? 0 : size - 1) : at(begin[d]);
    if (bit(o.shrink_axis_mask)) return { from: begin[d] < 0 ? begin[d] + size : begin[d], step: 1, size: 1 };
    const to = bit(o.end_mask) ? (step > 0 ? size : -1) : at(end[d]);
    return { from, step, size: Math.max(0, Math.ceil((to - from) / step)) };
  });
  const attrs = {
    starts: picked.map((p) => (p.size === 0 ? 0 : p.from)),
    steps: picked.map((p) => p.step),
    sizes: picked.map((p) => p.size),
  };
  return cx.reshaped(cx.make('slice', attrs, [x], y), y.shape);
}

export const moves: OperatorImporters = {
  CONCATENATION: { version: 4, import: concatenation },
  EXPAND_DIMS: { version: 2, import: reshape },
  PAD: { version: 4, import: pad },
  PADV2: { version: 4, import: pad },
  RESHAPE: { version: 1, import: reshape },
  SPLIT: { version: 4, import: split },
  SQUEEZE: { version: 2, import: reshape },
  STRIDED_SLICE: { version: 4, import: stridedSlice },
  TRANSPOSE: { version: 5, import: transpose },
};
