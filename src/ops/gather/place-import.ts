/** Indices into several dimensions made places in the flattened tensor, for operators that pick or write single entries. */
import { constant } from '../../ir/build.js';
import type { Value } from '../../ir/graph.js';
import { elements, indexType, type Shape, stridesOf } from '../../ir/type.js';
import type { ImportContext } from '../../onnx/importer.js';
import { castTo } from '../arithmetic.js';
import { reshaped } from '../layout.js';
import { stridedIndex } from '../moves.js';

function whole(shape: Shape, data: Iterable<number>): Value {
  return constant('', { type: indexType('s64', shape), data: BigInt64Array.from(data, (v) => BigInt(v)) });
}

/** Negative indices counted from the end; those outside taken as the nearest inside, as `gather` does. */
function inside(cx: ImportContext, index: Value, dims: Value, last: Value): Value {
  const type = indexType('s64', []);
  const zero = cx.scalar(type, 0);
  const isNegative = cx.make('compare', { fn: 'less' }, [index, zero], indexType('bool', []));
  const fromEnd = cx.make('binary', { fn: 'add' }, [index, dims], type);
  const counted = cx.make('where', {}, [isNegative, fromEnd, index], type);
  const low = cx.make('binary', { fn: 'max' }, [counted, zero], type);
  return cx.make('binary', { fn: 'min' }, [low, last], type);
}

/**
 * index[batch..., rest..., k] into dimensions batch..batch+k-1 of a tensor -> the entry among all of those dimensions,
 * batch dimensions included: [batch..., rest...].
 */
export function placesOfTuples(cx: ImportContext, index: Value, shape: Shape, batch: number): Value {
  const outer = index.type.shape.slice(0, -1);
  const depth = index.type.shape.at(-1) ?? 0;
  const dims = shape.slice(batch, batch + depth);
  const type = indexType('s64', []);
  const wide = castTo(cx, index, type);
  const at = inside(
    cx,
    wide,
    whole([depth], dims),
    whole(
      [depth],
      dims.map((d) => d - 1),
    ),
  );
  const scaled = cx.make('binary', { fn: 'mul' }, [at, whole([depth], stridesOf(dims))], type);
  const sum = cx.make('reduce', { fn: 'sum', axes: [outer.length] }, [scaled], type);
  const flat = reshaped(cx, sum, outer);
  if (batch === 0) return flat;
  const size = elements(dims);
  const starts = stridesOf(shape.slice(0, batch)).map((s) => s * size);
  const first = whole(
    [...shape.slice(0, batch), ...outer.slice(batch).map(() => 1)],
    stridedIndex(shape.slice(0, batch), starts),
  );
  return cx.make('binary', { fn: 'add' }, [flat, first], type);
}

/** index of the rank of a tensor, into its dimension `axis`; the other coordinates are the entry's own -> element numbers. */
export function placesAlong(cx: ImportContext, index: Value, shape: Shape, axis: number): Value {
  const type = indexType('s64', []);
  const strides = stridesOf(shape);
  const wide = castTo(cx, index, type);
  const at = inside(cx, wide, cx.scalar(type, shape[axis]), cx.scalar(type, shape[axis] - 1));
  const scaled = cx.make('binary', { fn: 'mul' }, [at, cx.scalar(type, strides[axis])], type);
  const others = strides.map((s, d) => (d === axis ? 0 : s));
  const own = index.type.shape.map((d, i) => (i === axis ? 1 : d));
  return cx.make('binary', { fn: 'add' }, [scaled, whole(own, stridedIndex(own, others))], type);
}
