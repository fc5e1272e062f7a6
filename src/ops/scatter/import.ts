import type { Value } from '../../ir/graph.js';
import { elements, type Shape, sameShape } from '../../ir/type.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';
import { fullRange, numericInputs } from '../arithmetic.js';
import { placesAlong, placesOfTuples } from '../gather/place-import.js';

/** @param since opset that added the attribute. */
function reductionOf(cx: ImportContext, since: number) {
  if (cx.opset < since) return 'none';
  return cx.attrs.oneOf('reduction', ['none', 'add', 'mul', 'max', 'min'], 'none');
}

function written(cx: ImportContext, fn: ReturnType<typeof reductionOf>, places: Value): Value {
  const [x, updates] = [cx.input(0), cx.input(2)];
  if (fn === 'none' && x.type.element === updates.type.element)
    return cx.make('scatter', { fn }, [x, places, updates], fullRange(x.type));
  const [a, b] = numericInputs(cx, [x, updates]);
  return cx.make('scatter', { fn }, [a, places, b], fullRange(a.type));
}

function expectUpdates(cx: ImportContext, shape: Shape): void {
  const given = cx.input(2).type.shape;
  if (!sameShape(given, shape)) cx.fail('Q0210', `updates of shape [${given}], expected [${shape}]`);
}

/** Entries by tuples of indices. */
function scatterTuples(cx: ImportContext): Value {
  const fn = reductionOf(cx, 16);
  const [x, index] = [cx.input(0), cx.input(1)];
  const { shape } = x.type;
  const depth = index.type.shape.at(-1) ?? 0;
  if (depth < 1 || depth > shape.length)
    cx.fail('Q0210', `indices of shape [${index.type.shape}] for a tensor of shape [${shape}]`);
  expectUpdates(cx, [...index.type.shape.slice(0, -1), ...shape.slice(depth)]);
  return written(cx, fn, placesOfTuples(cx, index, shape, 0));
}

/** Single elements: y[..., index[..., i, ...], ...] = updates[..., i, ...]. */
function scatterElements(cx: ImportContext): Value {
  const fn = reductionOf(cx, 16);
  const [x, index] = [cx.input(0), cx.input(1)];
  const { shape } = x.type;
  const axis = cx.axis(cx.attrs.int('axis', 0), shape.length);
  const fits =
    index.type.shape.length === shape.length && index.type.shape.every((d, i) => i === axis || d <= shape[i]);
  if (!fits) cx.fail('Q0210', `indices of shape [${index.type.shape}] for a tensor of shape [${shape}]`);
  expectUpdates(cx, index.type.shape);
  if (elements(index.type.shape) === 0) return x;
  return written(cx, fn, placesAlong(cx, index, shape, axis));
}

export const importers: Importers = {
  ScatterND: scatterTuples,
  ScatterElements: scatterElements,
  // Its name before opset 11.
  Scatter: scatterElements,
};
