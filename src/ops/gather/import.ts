import { constant } from '../../ir/build.js';
import type { Value } from '../../ir/graph.js';
import { elements, indexType, numbers } from '../../ir/type.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';
import { inputPart } from '../../onnx/model.js';
import { reshaped } from '../layout.js';
import { sliced } from '../slice/import.js';
import { placesAlong, placesOfTuples } from './place-import.js';

/** Entries of dimension `axis` at these places, all inside it: a range where they form one, else a gather. */
export function picked(cx: ImportContext, x: Value, axis: number, places: readonly number[]): Value {
  const start = places[0] ?? 0;
  const step = places.length > 1 ? places[1] - start : 1;
  if (step !== 0 && places.every((p, i) => p === start + i * step))
    return sliced(cx, x, new Map([[axis, { start, step, size: places.length }]]));
  const index = constant('', { type: indexType('s32', [places.length]), data: Int32Array.from(places) });
  return cx.make('gather', { axis }, [x, index], x.type);
}

/** Entries by tuples of indices. */
function gatherTuples(cx: ImportContext): Value {
  const [x, index] = [cx.input(0), cx.input(1)];
  const batch = cx.attrs.int('batch_dims', 0);
  const { shape } = x.type;
  const depth = index.type.shape.at(-1) ?? 0;
  const outer = index.type.shape.slice(0, -1);
  if (batch < 0 || batch > outer.length || depth < 1 || batch + depth > shape.length)
    cx.fail('Q0210', `indices of shape [${index.type.shape}] and ${batch} batch dimensions for x, [${shape}]`);
  if (shape.slice(0, batch).some((d, i) => d !== outer[i]))
    cx.fail(
      'Q0210',
      `x, [${shape}], and the indices, [${index.type.shape}], differ in their ${batch} batch dimensions`,
    );
  const rest = shape.slice(batch + depth);
  const rows = reshaped(cx, x, [elements(shape.slice(0, batch + depth)), ...rest]);
  const places = placesOfTuples(cx, index, shape, batch);
  return cx.make('gather', { axis: 0 }, [rows, places], x.type);
}

/** Single elements: y[..., i, ...] = x[..., index[..., i, ...], ...]. */
function gatherElements(cx: ImportContext): Value {
  const [x, index] = [cx.input(0), cx.input(1)];
  const { shape } = x.type;
  const axis = cx.axis(cx.attrs.int('axis', 0), shape.length);
  const fits =
    index.type.shape.length === shape.length && index.type.shape.every((d, i) => i === axis || d <= shape[i]);
  if (!fits) cx.fail('Q0210', `indices of shape [${index.type.shape}] for x, [${shape}], along ${axis}`);
  const flat = reshaped(cx, x, [elements(shape)]);
  return cx.make('gather', { axis: 0 }, [flat, placesAlong(cx, index, shape, axis)], x.type);
}

/** Of each sequence of a batch its first steps, how many its length says, backwards; what is behind them stays. */
function reversedSequences(cx: ImportContext): Value {
  const x = cx.input(0);
  const lengths = cx.constantInts(1);
  const [batch, time] = [cx.attrs.int('batch_axis', 1), cx.attrs.int('time_axis', 0)];
  const { shape } = x.type;
  if (shape.length < 2) cx.fail('Q0215', `x has ${shape.length} dimensions, expected 2 or more`);
  if (![0, 1].includes(batch) || time !== 1 - batch)
    cx.fail('Q0208', `batch_axis ${batch} and time_axis ${time}: one is 0, the other 1`);
  if (lengths.length !== shape[batch] || lengths.some((n) => n < 0 || n > shape[time]))
    cx.fail('Q0210', `lengths [${lengths}] for ${shape[batch]} sequences of ${shape[time]}`, inputPart(cx.node, 1));
  const backwards = (step: number, length: number) => (step < length ? length - 1 - step : step);
  const steps = Array.from({ length: shape[time] }, (_, t) => t);
  if (lengths.every((n) => n === lengths[0]))
    return picked(
      cx,
      x,
      time,
      steps.map((t) => backwards(t, lengths[0])),
    );
  const [rows, columns, ...rest] = shape;
  const places = Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return batch === 0
      ? row * columns + backwards(column, lengths[row])
      : backwards(row, lengths[column]) * columns + column;
  });
  return reshaped(cx, picked(cx, reshaped(cx, x, [rows * columns, ...rest]), 0, places), shape);
}

export const importers: Importers = {
  ReverseSequence: reversedSequences,
  GatherND: gatherTuples,
  GatherElements: gatherElements,
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
