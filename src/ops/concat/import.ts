import type { Value } from '../../ir/graph.js';
import type { TensorType } from '../../ir/type.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';

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

export const importers: Importers = {
  Concat(cx) {
    const operands = cx.inputs();
    if (operands.length === 0) cx.fail('Q0205', 'it has no inputs', undefined, 're-export the model');
    const axis = cx.axis(cx.attrs.requiredInt('axis'), operands[0].type.shape.length);
    return concatenated(cx, operands, axis);
  },
};
