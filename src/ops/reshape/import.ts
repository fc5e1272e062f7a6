import { constant } from '../../ir/build.js';
import type { Value } from '../../ir/graph.js';
import { allocateNumbers, elements, indexType } from '../../ir/type.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';

function to(cx: ImportContext, x: Value, shape: readonly number[]): Value {
  if (x.type.kind === 'quant' && x.type.affine.per !== 'tensor')
    cx.fail('Q0308', 'a tensor quantized per axis cannot be reshaped at run time');
  return cx.make('reshape', { shape }, [x], x.type);
}

/** ONNX: 0 copies the dimension (unless allowzero), one -1 is inferred. */
function resolved(cx: ImportContext, from: readonly number[], wanted: readonly number[], allowZero: boolean): number[] {
  const shape = wanted.map((d, i) =>
    d === 0 && !allowZero ? (from[i] ?? cx.fail('Q0210', `dimension ${i} is 0 but the input has ${from.length}`)) : d,
  );
  const free = shape.indexOf(-1);
  if (free >= 0) {
    const rest = shape.reduce((p, d, i) => (i === free ? p : p * d), 1);
    shape[free] = rest === 0 ? 0 : elements(from) / rest;
  }
  if (shape.some((d) => !Number.isInteger(d) || d < 0)) cx.fail('Q0210', `[${from}] does not reshape to [${wanted}]`);
  return shape;
}

export const importers: Importers = {
  Reshape(cx) {
    const x = cx.input(0);
    const wanted = cx.opset < 5 ? cx.attrs.ints('shape', []) : cx.constantInts(1);
    return to(cx, x, resolved(cx, x.type.shape, wanted, cx.attrs.int('allowzero', 0) === 1));
  },
  Flatten(cx) {
    const x = cx.input(0);
    const { shape } = x.type;
    const given = cx.attrs.int('axis', 1);
    const axis = given < 0 ? given + shape.length : given;
    if (axis < 0 || axis > shape.length)
      cx.fail('Q0208', `axis ${given} is outside a tensor of ${shape.length} dimensions`);
    return to(cx, x, [elements(shape.slice(0, axis)), elements(shape.slice(axis))]);
  },
  Squeeze(cx) {
    const x = cx.input(0);
    const { shape } = x.type;
    const axes = cx.opset < 13 ? cx.attrs.ints('axes', []) : (cx.optionalInts(1) ?? []);
    const drop =
      axes.length === 0 ? shape.flatMap((d, i) => (d === 1 ? [i] : [])) : axes.map((a) => cx.axis(a, shape.length));
    const bad = drop.find((i) => shape[i] !== 1);
    if (bad !== undefined) cx.fail('Q0210', `dimension ${bad} is ${shape[bad]}, only 1 can be squeezed`);
    return to(
      cx,
      x,
      shape.filter((_, i) => !drop.includes(i)),
    );
  },
  Unsqueeze(cx) {
    const x = cx.input(0);
    const axes = cx.opset < 13 ? cx.attrs.ints('axes', []) : cx.constantInts(1);
    const rank = x.type.shape.length + axes.length;
    const at = new Set(axes.map((a) => cx.axis(a, rank)));
    if (at.size < axes.length) cx.fail('Q0208', `axes [${axes}] repeat`);
    const rest = [...x.type.shape];
    return to(
      cx,
      x,
      Array.from({ length: rank }, (_, i) => (at.has(i) ? 1 : (rest.shift() ?? 1))),
    );
  },
  Identity: (cx) => cx.input(0),
  Dropout(cx) {
    cx.attrs.float('ratio', 0.5);
    cx.attrs.int('seed', 0);
    if (cx.opset >= 12 && cx.optional(2) !== undefined && cx.constantScalar(2) !== 0)
      cx.fail('Q0217', 'training mode is not supported', undefined, 'export in evaluation mode: model.eval()');
    const x = cx.input(0);
    if (cx.node.outputs.length < 2) return x;
    // Nothing is dropped: every entry of the mask is one.
    const mask = cx.opset < 10 ? x.type : indexType('bool', x.type.shape);
    cx.checkSize(mask);
    const data = allocateNumbers(mask);
    return [x, constant('', { type: mask, data: data.fill(1) })];
  },
};
