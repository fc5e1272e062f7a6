import type { Value } from '../../ir/graph.js';
import { elementRange, sameAffine, type TensorType } from '../../ir/type.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';
import { plainIntegers } from '../arithmetic.js';
import { dequantized, quantized } from '../quantized-import.js';
import { eyeLike, oneHot, triangle } from './pattern-import.js';

/** a and b in one type: integers of different scales are only the integers they store. */
function alike(cx: ImportContext, a: Value, b: Value): readonly [Value, Value] {
  if (a.type.element !== b.type.element)
    cx.fail('Q0209', `the values are ${a.type.element} and ${b.type.element}`, undefined, 'insert a Cast');
  const isShared =
    a.type.kind !== 'quant' ||
    b.type.kind !== 'quant' ||
    (a.type.affine.per === 'tensor' && sameAffine(a.type.affine, b.type.affine));
  return isShared ? [a, b] : [plainIntegers(cx, a), plainIntegers(cx, b)];
}

function joined(a: TensorType, b: TensorType): TensorType {
  if (a.kind !== 'quant' || b.kind !== 'quant') return a;
  const [low, high] = elementRange[a.element];
  return {
    ...a,
    range: [Math.max(low, Math.min(a.range[0], b.range[0])), Math.min(high, Math.max(a.range[1], b.range[1]))],
  };
}

/** (condition, a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point): both take the scale of y. */
function quantizedWhere(cx: ImportContext): Value {
  const [a, b] = [1, 4].map((at) => quantized(cx, dequantized(cx, at), 7, 8, 1));
  return cx.make('where', {}, [cx.input(0), a, b], joined(a.type, b.type));
}

export const importers: Importers = {
  Trilu: triangle,
  OneHot: oneHot,
  EyeLike: eyeLike,
  'com.microsoft.QLinearWhere': quantizedWhere,
  Where(cx) {
    const [a, b] = alike(cx, cx.input(1), cx.input(2));
    return cx.make('where', {}, [cx.input(0), a, b], joined(a.type, b.type));
  },
};
