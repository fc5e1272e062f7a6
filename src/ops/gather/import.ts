import { constant } from '../../ir/build.js';
import type { Value } from '../../ir/graph.js';
import { indexType, numbers } from '../../ir/type.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';
import { inputPart } from '../../onnx/model.js';
import { reshaped } from '../layout.js';
import { sliced } from '../slice/import.js';

/** Entries of dimension `axis` at these places, all inside it: a range where they form one, else a gather. */
export function picked(cx: ImportContext, x: Value, axis: number, places: readonly number[]): Value {
  const start = places[0] ?? 0;
  const step = places.length > 1 ? places[1] - start : 1;
  if (step !== 0 && places.every((p, i) => p === start + i * step))
    return sliced(cx, x, new Map([[axis, { start, step, size: places.length }]]));
  const index = constant('', { type: indexType('s32', [places.length]), data: Int32Array.from(places) });
  return cx.make('gather', { axis }, [x, index], x.type);
}

export const importers: Importers = {
  Gather(cx) {
    const x = cx.input(0);
    const index = cx.input(1);
    const axis = cx.axis(cx.attrs.int('axis', 0), x.type.shape.length);
    if (index.kind !== 'const') return cx.make('gather', { axis }, [x, index], x.type);
    const dim = x.type.shape[axis];
    const places = numbers(index.tensor).map((k) => (k < 0 ? k + dim : k));
    const bad = places.findIndex((p) => p < 0 || p >= dim);
    if (bad >= 0)
      cx.fail('Q0208', `index ${numbers(index.tensor)[bad]} is outside a dimension of ${dim}`, inputPart(cx.node, 1));
    const { shape } = x.type;
    return reshaped(cx, picked(cx, x, axis, places), [
      ...shape.slice(0, axis),
      ...index.type.shape,
      ...shape.slice(axis + 1),
    ]);
  },
};
