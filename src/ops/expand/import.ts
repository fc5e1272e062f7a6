import type { Value } from '../../ir/graph.js';
import { sameShape } from '../../ir/type.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';
import { broadcastShape } from '../broadcast.js';
import { reshaped } from '../layout.js';

export function expanded(cx: ImportContext, x: Value, shape: readonly number[]): Value {
  return sameShape(x.type.shape, shape) ? x : cx.make('expand', { shape }, [x], x.type);
}

/** Every element of dimension `axis` `inner` times in a row, and the whole dimension `outer` times. */
export function repeated(cx: ImportContext, x: Value, axis: number, outer: number, inner: number): Value {
  if (outer === 1 && inner === 1) return x;
  const { shape } = x.type;
  const around = (...middle: number[]) => [...shape.slice(0, axis), ...middle, ...shape.slice(axis + 1)];
  const split = reshaped(cx, x, around(1, shape[axis], 1));
  return reshaped(cx, expanded(cx, split, around(outer, shape[axis], inner)), around(outer * shape[axis] * inner));
}

export const importers: Importers = {
  Expand(cx) {
    const x = cx.input(0);
    const wanted = cx.constantInts(1);
    if (wanted.some((d) => d < 0)) cx.fail('Q0210', `[${wanted}] is no shape`);
    return expanded(
      cx,
      x,
      cx.shaped(() => broadcastShape(x.type.shape, wanted)),
    );
  },
  Tile(cx) {
    const x = cx.input(0);
    const repeats = cx.constantInts(1);
    if (repeats.length !== x.type.shape.length || repeats.some((r) => r < 0))
      cx.fail('Q0210', `[${repeats}] repeats for a tensor of ${x.type.shape.length} dimensions`);
    let y = x;
    // The innermost first: what is copied in one run grows with every dimension.
    for (let axis = repeats.length - 1; axis >= 0; axis--) y = repeated(cx, y, axis, repeats[axis], 1);
    return y;
  },
};
