/** Element types of arithmetic operators. Invariant: stored integers take part as the integers they are, whatever their scale. */
import type { Value } from '../ir/graph.js';
import { elementRange, type TensorType, unitAffine, withShape } from '../ir/type.js';
import type { ImportContext } from '../onnx/importer.js';

/** `value` with the element of `type`. */
export function castTo(cx: ImportContext, value: Value, type: TensorType): Value {
  if (value.type.kind === type.kind && value.type.element === type.element) return value;
  return cx.make('cast', {}, [value], withShape(type, value.type.shape));
}

/** An integer tensor with a scale read as plain integers. */
export function plainIntegers(cx: ImportContext, value: Value): Value {
  return value.type.kind === 'quant' ? cx.asQuant(value, unitAffine) : value;
}

/** The values as plain numbers of one element. */
export function numericInputs(cx: ImportContext, values: readonly Value[]): Value[] {
  const plain = values.map((value) => plainIntegers(cx, value));
  const odd = plain.find((value) => value.type.element !== plain[0].type.element);
  if (odd !== undefined)
    cx.fail(
      'Q0209',
      `inputs are ${plain[0].type.element} and ${odd.type.element}; ${cx.node.opType} needs one element type`,
      undefined,
      'insert a Cast, or export the model again',
    );
  return plain;
}

/** A float32 input (half floats are float32 by now); any other element ends the node. */
export function float32Input(cx: ImportContext, index: number): Value {
  const value = cx.input(index);
  if (value.type.element !== 'f32')
    cx.fail(
      'Q0209',
      `${cx.node.opType} of ${value.type.element} is not supported`,
      undefined,
      'cast the input to float32, or export the model in float32',
    );
  return value;
}

/** The type with the largest range of stored integers: what arithmetic on them may give. */
export function fullRange(type: TensorType): TensorType {
  return type.kind === 'quant' ? { ...type, range: elementRange[type.element] } : type;
}
