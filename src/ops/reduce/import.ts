import type { AttrsOf, Value } from '../../ir/graph.js';
import type { ImportContext, Importer, Importers } from '../../onnx/importer.js';
import { reshaped } from '../layout.js';
import { quantizedForm } from '../quantized-import.js';

/** The axes of a Reduce operator, sorted; undefined if it is to do nothing. */
function axesOf(cx: ImportContext, rank: number, inputSince: number): readonly number[] | undefined {
  const given = cx.opset < inputSince ? cx.attrs.ints('axes', []) : (cx.optionalInts(1) ?? []);
  const isNoop = cx.opset >= inputSince && cx.attrs.bool('noop_with_empty_axes', false);
  if (given.length === 0) return isNoop ? undefined : Array.from({ length: rank }, (_, i) => i);
  return [...new Set(given.map((a) => cx.axis(a, rank)))].sort((a, b) => a - b);
}

/** @param inputSince opset from which the axes are an input. */
function reduction(
  inputSince: number,
  fn: AttrsOf<'reduce'>['fn'],
  after: (cx: ImportContext, y: Value) => Value = (_, y) => y,
): Importer {
  return (cx) => {
    const x = cx.input(0);
    const rank = x.type.shape.length;
    const keepsDims = cx.attrs.bool('keepdims', true);
    const axes = axesOf(cx, rank, inputSince);
    // With noop_with_empty_axes each element is a slice of its own: |x|, x * x, log x, ... still apply.
    const y = after(cx, cx.make('reduce', { fn, axes: axes ?? [] }, [x], x.type));
    if (keepsDims || axes === undefined) return y;
    return reshaped(
      cx,
      y,
      y.type.shape.filter((_, i) => !axes.includes(i)),
    );
  };
}

export const importers: Importers = {
  ReduceL1: reduction(18, 'l1'),
  ReduceL2: reduction(18, 'sum-square', (cx, y) => cx.make('unary', { fn: 'sqrt' }, [y], y.type)),
  ReduceLogSum: reduction(18, 'sum', (cx, y) => cx.make('unary', { fn: 'log' }, [y], y.type)),
  ReduceLogSumExp: reduction(18, 'log-sum-exp'),
  ReduceMax: reduction(18, 'max'),
  ReduceMean: reduction(18, 'mean'),
  // Its axes are an attribute, as ReduceMean's were.
  'com.microsoft.QLinearReduceMean': quantizedForm(reduction(18, 'mean'), () => 13),
  ReduceMin: reduction(18, 'min'),
  ReduceProd: reduction(18, 'prod'),
  ReduceSum: reduction(13, 'sum'),
  ReduceSumSquare: reduction(18, 'sum-square'),
};
