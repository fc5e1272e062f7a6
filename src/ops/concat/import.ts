import type { Value } from '../../ir/graph.js';
import type { TensorType } from '../../ir/type.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';
import { dequantized, quantized } from '../quantized-import.js';

/** The operands along an axis; quantized ones must have one scale and zero point. */
export function concatenated(cx: ImportContext, operands: readonly Value[], axis: number): Value {
  if (operands.length === 1) return operands[0];
  return cx.make('concat', { axis }, operands, widest(operands));
}

/** The type of the first with the range of all. */
function widest(operands: readonly Value[]): TensorType {
  const [{ type }] = operands;
  if (type.kind !== 'quant') return type;
  const ranges = operands.flatMap((x) => (x.type.kind === 'quant' ? [x.type.range] : []));
  return { ...type, range: [Math.min(...ranges.map((r) => r[0])), Math.max(...ranges.map((r) => r[1]))] };
}

/** (y_scale, y_zero_point, then x, x_scale, x_zero_point of each operand): each takes the result's scale, then they join. */
function quantizedConcat(cx: ImportContext): Value {
  const count = (cx.inputCount - 2) / 3;
  if (!Number.isInteger(count) || count < 1)
    cx.fail('Q0205', `it has ${cx.inputCount} inputs`, undefined, 'the operator takes 2 and 3 for each operand');
  const operands = Array.from({ length: count }, (_, i) => quantized(cx, dequantized(cx, 2 + 3 * i), 0, 1, 2));
  const axis = cx.axis(cx.attrs.requiredInt('axis'), operands[0].type.shape.length);
  return concatenated(cx, operands, axis);
}

export const importers: Importers = {
  'com.microsoft.QLinearConcat': quantizedConcat,
  Concat(cx) {
    const operands = cx.inputs();
    if (operands.length === 0) cx.fail('Q0205', 'it has no inputs', undefined, 're-export the model');
    const axis = cx.axis(cx.attrs.requiredInt('axis'), operands[0].type.shape.length);
    return concatenated(cx, operands, axis);
  },
};
